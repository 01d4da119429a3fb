import type { PcieFunction } from '@quiesce/pcie-model';
import type { InterruptEntry, Processor } from './processor.ts';
import { isIsaVector, TIMER_VECTOR, type Vector, type VectorSpace } from './vector-space.ts';

/** Whose interrupt a kernel takes the timer's for, and so whom it acknowledges it to. */
export type TimerRoute = '8259A' | 'local APIC';

/** Vectors and pins of one kernel: who has which, what has arrived, and who is told that it was handled. */
export class InterruptController implements InterruptEntry {
  readonly #processor: Processor;
  readonly #space: VectorSpace;
  readonly #seen = new Map<number, number>();
  readonly #seenPins = new Set<number>();
  readonly #openPins = new Map<number, Vector>();
  readonly #alive: boolean;
  readonly #strayCostUs: number;
  /**
   * ISA vectors belong to the 8259A as long as the I/O APIC is not set up. Its handler acknowledges the 8259A alone:
   * a message of a device on such a vector stays in service in the local APIC, and with it its whole class and all below.
   */
  isaInterruptsOf8259A = true;
  timerRoute: TimerRoute = '8259A';
  timerTicks = 0;
  /** Processor time that went into interrupts of nobody since {@link takeStolenMs}, microseconds. */
  #stolenUs = 0;

  /** `runsAll`: this kernel has all processors, not only this one. */
  constructor(
    processor: Processor,
    space: VectorSpace,
    { runsAll, strayCostUs }: { runsAll: boolean; strayCostUs: number },
  ) {
    this.#processor = processor;
    this.#space = space;
    this.#alive = runsAll;
    this.#strayCostUs = strayCostUs;
    if (runsAll) {
      this.takeElsewhere = (destination, vector, repeat) => {
        this.#arrived(vector, destination, repeat);
      };
    }
  }

  takeElsewhere?: (destination: number, vector: number, repeat: number) => void;

  /** `common_interrupt` (do_IRQ before Linux 5.8): vectors of nobody are acknowledged too, in every version. */
  take(vector: number): void {
    const { apic, id } = this.#processor;
    if (vector === TIMER_VECTOR) {
      this.timerTicks++;
      if (this.timerRoute === 'local APIC') apic.endOfInterrupt();
      return;
    }
    this.#arrived(vector, id, 1);
    if (this.isaInterruptsOf8259A && isIsaVector(vector)) return;
    apic.endOfInterrupt();
  }

  /** A vector of its own; when all are given out they are shared. */
  allocateVector(): Vector {
    const given = this.#space.allocate();
    this.#seen.set(key(given), 0);
    return given;
  }

  /** The pin of this function is unmasked in the I/O APIC. */
  openPin(fn: PcieFunction): void {
    if (!this.#openPins.has(fn.index)) this.#openPins.set(fn.index, this.allocateVector());
    this.#seenPins.delete(fn.index);
  }

  asserted(fn: PcieFunction): void {
    if (this.#openPins.has(fn.index)) this.#seenPins.add(fn.index);
  }

  seenVector(vector: Vector): boolean {
    return (this.#seen.get(key(vector)) ?? 0) > 0;
  }

  seenPin(fn: PcieFunction): boolean {
    return this.#seenPins.has(fn.index);
  }

  /** What interrupts of nobody took away from the kernel's own work since the last call, milliseconds. */
  takeStolenMs(): number {
    const ms = this.#stolenUs / 1000;
    this.#stolenUs = 0;
    return ms;
  }

  #arrived(vector: number, destination: number, repeat: number): void {
    const at = key({ vector, destination });
    const count = this.#seen.get(at);
    if (count !== undefined) this.#seen.set(at, count + repeat);
    else if (!this.#alive) {
      this.#processor.stray += repeat;
      this.#stolenUs += repeat * this.#strayCostUs;
    }
  }
}

function key({ vector, destination }: Vector): number {
  return destination * 256 + vector;
}

import type { PcieFunction } from '@quiesce/pcie-model';

/** First vector that Linux gives to devices. */
const FIRST_VECTOR = 0x31;
const LAST_VECTOR = 0xeb;

/** Vectors and pins of one kernel: who has which, and what has arrived. */
export class InterruptController {
  #nextVector = FIRST_VECTOR;
  readonly #seenVectors = new Map<number, number>();
  readonly #seenPins = new Set<number>();
  readonly #openPins = new Set<number>();
  /** Interrupts that arrived on vectors nobody has. */
  stray = 0;

  /** A vector of its own; when all are given out they are shared. */
  allocateVector(): number {
    const vector = this.#nextVector++;
    if (this.#nextVector > LAST_VECTOR) this.#nextVector = FIRST_VECTOR;
    this.#seenVectors.set(vector, 0);
    return vector;
  }

  /** The pin of this function is unmasked in the I/O APIC. */
  openPin(fn: PcieFunction): void {
    this.#openPins.add(fn.index);
    this.#seenPins.delete(fn.index);
  }

  arrived(vector: number, repeat: number): void {
    const count = this.#seenVectors.get(vector);
    if (count === undefined) this.stray += repeat;
    else this.#seenVectors.set(vector, count + repeat);
  }

  asserted(fn: PcieFunction): void {
    if (this.#openPins.has(fn.index)) this.#seenPins.add(fn.index);
  }

  seenVector(vector: number): boolean {
    return (this.#seenVectors.get(vector) ?? 0) > 0;
  }

  seenPin(fn: PcieFunction): boolean {
    return this.#seenPins.has(fn.index);
  }
}

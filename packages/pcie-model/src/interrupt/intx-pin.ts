import type { RegisterFile, RunningHash, Snapshottable } from '@quiesce/simulation';
import { commonHeader } from '../config-space/header-registers.ts';
import type { FabricObserver } from '../fabric/fabric-observer.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';
import { rootPin } from './swizzle.ts';

const {
  'INTERRUPT_PIN.PIN': INTERRUPT_PIN,
  'STATUS.INTERRUPT_STATUS': INTERRUPT_STATUS,
  'COMMAND.INTERRUPT_DISABLE': INTERRUPT_DISABLE,
} = commonHeader.field;

export interface IntxPinState {
  /** The device wants service. */
  readonly wanted: boolean;
  /** Assert_INTx was sent and Deassert_INTx was not. */
  readonly asserted: boolean;
}

/**
 * The INTx pin of a function, a pair of messages on PCI Express: gated by Interrupt Disable alone, neither by Bus
 * Master Enable nor by bridges (PCIe 2.2.8.1, 7.5.1.1.3).
 */
export class IntxPin implements Snapshottable<IntxPinState> {
  readonly #fn: PcieFunction;
  readonly #file: RegisterFile;
  readonly #observer: FabricObserver;
  #wanted = false;
  #asserted = false;
  /** MSI or MSI-X is enabled: INTx is not used (PCIe 7.7.1.2, 7.7.2.2). */
  suppressed = false;

  constructor(fn: PcieFunction, observer: FabricObserver) {
    this.#fn = fn;
    this.#file = fn.config.file;
    this.#observer = observer;
  }

  /** 0 none, 1 INTA .. 4 INTD. */
  get pin(): number {
    return this.#file.get(INTERRUPT_PIN);
  }

  /** The device wants service. False if that reaches nobody: no pin, or disabled. */
  assert(): boolean {
    if (this.pin < 1 || this.pin > 4) return false;
    this.#wanted = true;
    this.#file.set(INTERRUPT_STATUS, 1);
    this.disableChanged();
    return this.#asserted;
  }

  deassert(): void {
    this.#wanted = false;
    this.#file.set(INTERRUPT_STATUS, 0);
    this.disableChanged();
  }

  /** Interrupt Disable, or the use of messages, may have changed: a pin asserted is deasserted by it, and asserted again without it. */
  disableChanged(): void {
    const now = this.#wanted && !this.suppressed && this.#file.get(INTERRUPT_DISABLE) === 0;
    if (now === this.#asserted) return;
    this.#asserted = now;
    const pin = rootPin(this.#fn, this.pin);
    if (now) this.#observer.intxAsserted(this.#fn, pin);
    else this.#observer.intxDeasserted(this.#fn, pin);
  }

  /** A function that is reset lets go of its pin. */
  reset(): void {
    if (this.#wanted) this.deassert();
  }

  snapshot(): IntxPinState {
    return { wanted: this.#wanted, asserted: this.#asserted };
  }

  restore(state: IntxPinState): void {
    this.#wanted = state.wanted;
    this.#asserted = state.asserted;
  }

  hashInto(hash: RunningHash): void {
    hash.word((this.#wanted ? 1 : 0) | (this.#asserted ? 2 : 0));
  }
}

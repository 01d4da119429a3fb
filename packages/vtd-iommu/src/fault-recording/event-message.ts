import type { Address, RegisterFile } from '@quiesce/simulation';

const MASK = 0x8000_0000;
const PENDING = 0x4000_0000;

/** Called with the interrupt message that a unit sends: address and data as software programmed them. */
export type EventSink = (address: Address, data: number) => void;

/**
 * A unit's own interrupt: control, data, address and upper address registers in a row (FECTL, IECTL, PECTL).
 * While masked (IM) it is kept pending (IP) and sent when software unmasks it (VT-d 7.4).
 */
export class EventMessage {
  readonly #registers: RegisterFile;
  readonly #control: number;
  readonly #sink: EventSink | undefined;

  constructor(registers: RegisterFile, control: number, sink: EventSink | undefined) {
    this.#registers = registers;
    this.#control = control;
    this.#sink = sink;
    registers.onWrite(control, 32, () => this.#sendIfUnmasked());
  }

  raise(): void {
    this.#registers.poke32(this.#control, (this.#registers.peek32(this.#control) | PENDING) >>> 0);
    this.#sendIfUnmasked();
  }

  /** Software has dealt with every cause: what is still pending is forgotten. */
  withdraw(): void {
    this.#registers.poke32(this.#control, (this.#registers.peek32(this.#control) & ~PENDING) >>> 0);
  }

  #sendIfUnmasked(): void {
    const control = this.#registers.peek32(this.#control);
    if ((control & MASK) !== 0 || (control & PENDING) === 0) return;
    this.withdraw();
    const upper = this.#registers.peek32(this.#control + 12);
    this.#sink?.(
      (upper & 0xf_ffff) * 0x1_0000_0000 + this.#registers.peek32(this.#control + 8),
      this.#registers.peek32(this.#control + 4),
    );
  }
}

import type { RegisterFile } from '@quiesce/simulation';
import type { Capability } from '../registers/capability.ts';
import { registerOffset } from '../registers/register-block.ts';

export const TE = 0x8000_0000;
export const SRTP = 0x4000_0000;
export const QIE = 0x0400_0000;
export const IRE = 0x0200_0000;
export const SIRTP = 0x0100_0000;
export const CFI = 0x0080_0000;

/** What a unit does when the global command register tells it to. */
export interface GlobalCommandEffects {
  setTranslation(on: boolean): void;
  setRootTable(): void;
  setQueuedInvalidation(on: boolean): void;
  setInterruptRemapping(on: boolean): void;
  setInterruptTable(): void;
  setCompatibilityInterrupts(on: boolean): void;
}

/**
 * GCMD against GSTS (VT-d 10.4.4, 10.4.5). Every write states every enable bit anew: a bit left out is switched off,
 * whoever switched it on. Pointer commands come before enables, so that one write cannot use a stale pointer;
 * each is finished, and shows in GSTS, when the write returns.
 */
export class GlobalCommand {
  readonly #registers: RegisterFile;
  readonly #effects: GlobalCommandEffects;
  /** Enable bits that this unit has. */
  readonly #enables: number;
  readonly #pointers: number;

  constructor(registers: RegisterFile, capability: Capability, effects: GlobalCommandEffects) {
    this.#registers = registers;
    this.#effects = effects;
    const interrupts = capability.interruptRemapping;
    this.#enables = TE | (capability.queuedInvalidation ? QIE : 0) | (interrupts ? IRE | CFI : 0);
    this.#pointers = SRTP | (interrupts ? SIRTP : 0);
    registers.onWrite(registerOffset.GCMD, 32, (_offset, written) => this.#written(written));
  }

  get status(): number {
    return this.#registers.peek32(registerOffset.GSTS);
  }

  isSet(bit: number): boolean {
    return (this.status & bit) !== 0;
  }

  #written(command: number): void {
    const before = this.status;
    if ((command & this.#pointers & SRTP) !== 0) {
      this.#effects.setRootTable();
      this.#setStatus(SRTP, true);
    }
    if ((command & this.#pointers & SIRTP) !== 0) {
      this.#effects.setInterruptTable();
      this.#setStatus(SIRTP, true);
    }
    const changed = (before ^ command) & this.#enables;
    for (const bit of [CFI, IRE, QIE, TE]) {
      if ((changed & bit) === 0) continue;
      const on = (command & bit) !== 0;
      this.#setStatus(bit, on);
      if (bit === TE) this.#effects.setTranslation(on);
      else if (bit === QIE) this.#effects.setQueuedInvalidation(on);
      else if (bit === IRE) this.#effects.setInterruptRemapping(on);
      else this.#effects.setCompatibilityInterrupts(on);
    }
  }

  #setStatus(bit: number, on: boolean): void {
    const status = on ? this.status | bit : this.status & ~bit;
    this.#registers.poke32(registerOffset.GSTS, status >>> 0);
  }
}

import type { RegisterFile } from '@quiesce/simulation';
import { registerOffset } from '../registers/register-block.ts';

/** Bits of GERROR. */
export const GlobalError = { commandQueue: 1, eventQueueAbort: 4, serviceFailure: 0x100 } as const;

const INTERRUPT_ENABLE = 1;

/** Global errors: a bit of GERROR that differs from GERRORN is active (SMMUv3 7.5). */
export class GlobalErrors {
  readonly #registers: RegisterFile;
  readonly #onInterrupt: () => void;

  constructor(registers: RegisterFile, onInterrupt: () => void) {
    this.#registers = registers;
    this.#onInterrupt = onInterrupt;
  }

  isActive(bit: number): boolean {
    const error = this.#registers.peek32(registerOffset.GERROR);
    return ((error ^ this.#registers.peek32(registerOffset.GERRORN)) & bit) !== 0;
  }

  /** An error that is active already stays as it is. */
  raise(bit: number): void {
    if (this.isActive(bit)) return;
    this.#registers.poke32(registerOffset.GERROR, this.#registers.peek32(registerOffset.GERROR) ^ bit);
    if ((this.#registers.peek32(registerOffset.IRQ_CTRL) & INTERRUPT_ENABLE) !== 0) this.#onInterrupt();
  }
}

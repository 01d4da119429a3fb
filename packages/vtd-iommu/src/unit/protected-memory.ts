import type { Address, RegisterFile } from '@quiesce/simulation';
import type { Capability } from '../registers/capability.ts';
import { peekWide, registerOffset } from '../registers/register-block.ts';

const ENABLE = 0x8000_0000;
const GRANULE_MASK = 0x001f_ffff;

/**
 * The protected memory regions (VT-d 10.4.16 to 10.4.20): while PMEN.EPM is set no request reaches them that is not
 * translated. Refusals are not recorded as faults. A limit below its base switches a region off.
 */
export class ProtectedMemory {
  enabled = false;
  readonly #registers: RegisterFile;
  readonly #low: boolean;
  readonly #high: boolean;

  constructor(registers: RegisterFile, capability: Capability) {
    this.#registers = registers;
    this.#low = capability.protectedLow;
    this.#high = capability.protectedHigh;
    if (this.#low || this.#high) registers.onWrite(registerOffset.PMEN, 32, () => this.refresh());
  }

  /** PRS follows EPM. */
  refresh(): void {
    if (!this.#low && !this.#high) return;
    this.enabled = (this.#registers.peek32(registerOffset.PMEN) & ENABLE) !== 0;
    this.#registers.poke32(registerOffset.PMEN, (this.enabled ? ENABLE | 1 : 0) >>> 0);
  }

  /** Does `address` .. `address + length - 1` touch a region? */
  covers(address: Address, length: number): boolean {
    if (!this.enabled) return false;
    const last = address + Math.max(length, 1) - 1;
    if (this.#low) {
      const base = this.#registers.peek32(registerOffset.PLMBASE);
      const limit = (this.#registers.peek32(registerOffset.PLMLIMIT) | GRANULE_MASK) >>> 0;
      if (last >= base && address <= limit) return true;
    }
    if (!this.#high) return false;
    const base = peekWide(this.#registers, registerOffset.PHMBASE);
    const limit = peekWide(this.#registers, registerOffset.PHMLIMIT);
    return (
      last >= base.high * 0x1_0000_0000 + base.low &&
      address <= limit.high * 0x1_0000_0000 + ((limit.low | GRANULE_MASK) >>> 0)
    );
  }
}

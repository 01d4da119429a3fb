import { NO_PASID, type RegisterFile } from '@quiesce/simulation';
import type { UnitCaches } from '../cache/unit-caches.ts';
import type { Capability } from '../registers/capability.ts';
import { registerOffset } from '../registers/register-block.ts';

/** Bits of the function number that a function mask leaves out (CCMD.FM). */
export const functionMaskBits = [0, 0x4, 0x6, 0x7] as const;

const START = 0x8000_0000;
const CAIG_SHIFT = 27;
const IAIG_SHIFT = 25;

/**
 * Register-based invalidation (VT-d 6.5.1): the context command and the IO-TLB registers, started by a write of the high
 * half. The unit tells the granularity it used; 0 means that it refused. It refuses while queued invalidation is on or
 * the table is in scalable mode, which software must not mix with this interface.
 */
export class RegisterInvalidation {
  readonly #registers: RegisterFile;
  readonly #capability: Capability;
  readonly #caches: UnitCaches;
  readonly #refuses: () => boolean;

  /** `refuses`: says whether the interface may not be used now, and takes note of it. */
  constructor(registers: RegisterFile, capability: Capability, caches: UnitCaches, refuses: () => boolean) {
    this.#registers = registers;
    this.#capability = capability;
    this.#caches = caches;
    this.#refuses = refuses;
    // SID and FM are write-only, as is IVA: what was written last is kept where no read of software sees it.
    registers.onWrite(registerOffset.CCMD, 32, (offset, written) => {
      registers.poke32(offset, written >>> 0);
    });
    registers.onWrite(registerOffset.CCMD + 4, 32, (_offset, written) => this.#contextCommand(written & 3));
    registers.onWrite(capability.iotlbOffset + 12, 32, () => this.#iotlbCommand());
    registers.onWrite(capability.iotlbOffset, 64, (offset, written) => {
      const mask = offset === capability.iotlbOffset ? 0xffff_f07f : 0xffff_ffff;
      registers.poke32(offset, (written & mask) >>> 0);
    });
  }

  #contextCommand(functionMask: number): void {
    const high = this.#registers.peek32(registerOffset.CCMD + 4);
    if ((high & START) === 0) return;
    const low = this.#registers.peek32(registerOffset.CCMD);
    let granularity = (high >>> 29) & 3;
    const domain = low & 0xffff;
    if (granularity === 0 || this.#refuses()) granularity = 0;
    else if (granularity === 1) this.#caches.contexts.invalidateAll();
    else if (granularity === 2) this.#caches.contexts.invalidateDomain(domain);
    else {
      const ignored = functionMaskBits[functionMask as 0 | 1 | 2 | 3];
      this.#caches.contexts.invalidateDevice(low >>> 16, ignored, domain);
    }
    const done = (high & ~(START | (3 << CAIG_SHIFT))) | (granularity << CAIG_SHIFT);
    this.#registers.poke32(registerOffset.CCMD + 4, done >>> 0);
  }

  #iotlbCommand(): void {
    const base = this.#capability.iotlbOffset;
    const high = this.#registers.peek32(base + 12);
    if ((high & START) === 0) return;
    let granularity = (high >>> 28) & 3;
    const domain = high & 0xffff;
    const address = this.#registers.peek32(base);
    const mask = address & 0x3f;
    if (granularity === 3 && !this.#capability.pageSelective) granularity = 2;
    if (granularity === 3 && mask > this.#capability.maximumAddressMask) granularity = 0;
    if (granularity === 0 || this.#refuses()) granularity = 0;
    else if (granularity === 1) this.#caches.tlb.invalidateAll();
    else if (granularity === 2) this.#caches.tlb.invalidateDomain(domain);
    else {
      const page = this.#registers.peek32(base + 4) * 0x1_0000_0000 + ((address & 0xffff_f000) >>> 0);
      this.#caches.tlb.invalidatePages(domain, NO_PASID, page, mask);
    }
    const done = (high & ~(START | (3 << IAIG_SHIFT))) | (granularity << IAIG_SHIFT);
    this.#registers.poke32(base + 12, done >>> 0);
  }
}

import { type Capability, decodeCapability, type WideValue } from '../registers/capability.ts';
import { coreRegisters } from '../registers/core-registers.ts';
import { iotlbRegisters } from '../registers/iotlb-registers.ts';
import { registerOffset } from '../registers/register-block.ts';
import { LEGACY_MODE, rootTableRegister } from '../tables/table-registers.ts';

const { CAP, CCMD, ECAP, FECTL, GCMD, GSTS, IRTA, RTADDR } = registerOffset;
/** Relative to the block at ECAP.IRO. */
const IOTLB = iotlbRegisters.register.IOTLB!.offset;

const TE = command('TE');
const SRTP = command('SRTP');
const WBF = command('WBF');
const QIE = command('QIE');
const IRE = command('IRE');
const SIRTP = command('SIRTP');
/** What every write of GCMD must restate from GSTS; a bit left out is switched off (VT-d 10.4.4). */
const ENABLES = (TE + command('EAFL') + QIE + IRE + command('CFI')) >>> 0;

/** Upper words: start bit 63, global granularity. */
const CCMD_GLOBAL = 0x8000_0000 + (1 << 29);
/** The same with both drains. */
const IOTLB_GLOBAL = 0x8000_0000 + (1 << 28) + (1 << 17) + (1 << 16);
const INTERRUPT_MASK = 0x8000_0000;
const POLLS = 1000;
const POLL_MS = 0.01;

/** How software reaches the registers of a unit: aligned dwords, by offset. */
export interface UnitAccess {
  read32(offset: number): number;
  write32(offset: number, value: number): void;
}

/**
 * A unit's registers as software uses them to hand over tables while requests are under way: every command restates
 * what is enabled, as GSTS says, and is waited for.
 */
export class UnitRegisters<Access extends UnitAccess = UnitAccess> {
  readonly unit: Access;
  readonly capability: Capability;
  readonly #delay: (ms: number) => void;

  /** `delay` waits that many milliseconds, a fraction as a rule. */
  constructor(unit: Access, delay: (ms: number) => void) {
    this.unit = unit;
    this.#delay = delay;
    this.capability = decodeCapability(this.#read64(CAP), this.#read64(ECAP));
  }

  get translationEnabled(): boolean {
    return this.#is(TE);
  }

  get interruptRemappingEnabled(): boolean {
    return this.#is(IRE);
  }

  get queuedInvalidationEnabled(): boolean {
    return this.#is(QIE);
  }

  /** Value of RTADDR. */
  get rootTable(): WideValue {
    return this.#read64(RTADDR);
  }

  /** Value of IRTA. */
  get interruptTable(): WideValue {
    return this.#read64(IRTA);
  }

  /**
   * Latches a root table. While translation is on the mode must be the one that the unit is in.
   * @param mode RTADDR.TTM, default legacy
   * @returns false if the unit does not take it in time
   */
  setRootTable(address: number, mode: number = LEGACY_MODE): boolean {
    this.#flushWriteBuffer();
    const { low, high } = rootTableRegister(address, mode);
    this.unit.write32(RTADDR, low);
    this.unit.write32(RTADDR + 4, high);
    this.#command(SRTP);
    return this.#until(() => this.#is(SRTP));
  }

  /**
   * Latches an interrupt table. The extended mode stays as it is.
   * @param entries a power of two, 2 .. 65536; default: as many as before
   * @returns false if the unit does not take it in time
   */
  setInterruptTable(address: number, entries?: number): boolean {
    this.#flushWriteBuffer();
    const old = this.unit.read32(IRTA) & 0xfff;
    const flags = entries === undefined ? old : (old & ~0xf) | (Math.log2(entries) - 1);
    this.unit.write32(IRTA, ((address >>> 0) + flags) >>> 0);
    this.unit.write32(IRTA + 4, Math.floor(address / 2 ** 32));
    this.#command(SIRTP);
    return this.#until(() => this.#is(SIRTP));
  }

  /** False if the unit does not follow in time. */
  enableTranslation(): boolean {
    this.#command(TE);
    return this.#until(() => this.#is(TE));
  }

  /** From the next request on, addresses are physical. False if the unit does not follow in time. */
  disableTranslation(): boolean {
    return this.#disable(TE);
  }

  /** From the next message on, interrupts mean what they say. False if the unit does not follow in time. */
  disableInterruptRemapping(): boolean {
    return this.#disable(IRE);
  }

  /** The unit goes on recording faults, but sends no interrupt of its own (FECTL.IM). */
  maskFaultEvents(): void {
    this.unit.write32(FECTL, (this.unit.read32(FECTL) | INTERRUPT_MASK) >>> 0);
  }

  /** Context cache first, then the IOTLB (VT-d 6.5.1). Only in legacy mode, while queued invalidation is off. */
  invalidateByRegisters(): boolean {
    this.unit.write32(CCMD, 0);
    this.unit.write32(CCMD + 4, CCMD_GLOBAL);
    const iotlb = this.capability.iotlbOffset + IOTLB;
    const contextsDone = this.#until(() => this.unit.read32(CCMD + 4) < 0x8000_0000);
    this.unit.write32(iotlb, 0);
    this.unit.write32(iotlb + 4, IOTLB_GLOBAL);
    return this.#until(() => this.unit.read32(iotlb + 4) < 0x8000_0000) && contextsDone;
  }

  /** Tables that were just written must have left the chipset's write buffer, where there is one (CAP.RWBF). */
  #flushWriteBuffer(): void {
    if (!this.capability.writeBufferFlush) return;
    this.#command(WBF);
    this.#until(() => !this.#is(WBF));
  }

  #read64(offset: number): WideValue {
    return { low: this.unit.read32(offset), high: this.unit.read32(offset + 4) };
  }

  #disable(bit: number): boolean {
    this.#write((this.unit.read32(GSTS) & ENABLES & ~bit) >>> 0);
    return this.#until(() => !this.#is(bit));
  }

  #command(bit: number): void {
    this.#write(((this.unit.read32(GSTS) & ENABLES) | bit) >>> 0);
  }

  #write(value: number): void {
    this.unit.write32(GCMD, value);
  }

  #is(bit: number): boolean {
    return (this.unit.read32(GSTS) & bit) !== 0;
  }

  #until(done: () => boolean): boolean {
    for (let poll = 0; poll < POLLS; poll++) {
      if (done()) return true;
      this.#delay(POLL_MS);
    }
    return done();
  }
}

/** Bit of GCMD; its mirror in GSTS stands at the same place. */
function command(name: string): number {
  return 2 ** coreRegisters.field[`GCMD.${name}`]!.low;
}

import type { RemappingUnitHandle } from '@quiesce/strategy';
import {
  type Capability,
  coreRegisters,
  decodeCapability,
  iotlbRegisters,
  registerOffset,
  type WideValue,
} from '@quiesce/vtd-iommu';

const { CAP, CCMD, ECAP, GCMD, GSTS, IRTA, RTADDR } = registerOffset;
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
const POLLS = 1000;
const POLL_MS = 0.01;

/** A unit's registers as a kernel uses them to hand over tables while requests are under way. */
export class UnitRegisters {
  readonly unit: RemappingUnitHandle;
  readonly #delay: (ms: number) => void;
  readonly #capability: Capability;

  constructor(unit: RemappingUnitHandle, delay: (ms: number) => void) {
    this.unit = unit;
    this.#delay = delay;
    this.#capability = decodeCapability(this.#read64(CAP), this.#read64(ECAP));
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

  /** Legacy mode; false if the unit does not take it in time. */
  setRootTable(address: number): boolean {
    this.#flushWriteBuffer();
    this.unit.write32(RTADDR, address >>> 0);
    this.unit.write32(RTADDR + 4, Math.floor(address / 2 ** 32));
    this.#command(SRTP);
    return this.#until(() => this.#is(SRTP));
  }

  /** Mode and size (bits 11:0) stay as they are; false if the unit does not take it in time. */
  setInterruptTable(address: number): boolean {
    this.#flushWriteBuffer();
    const flags = this.unit.read32(IRTA) & 0xfff;
    this.unit.write32(IRTA, ((address >>> 0) + flags) >>> 0);
    this.unit.write32(IRTA + 4, Math.floor(address / 2 ** 32));
    this.#command(SIRTP);
    return this.#until(() => this.#is(SIRTP));
  }

  /** Context cache first, then the IOTLB (VT-d 6.5.1). Only while queued invalidation is off. */
  invalidateByRegisters(): boolean {
    this.unit.write32(CCMD, 0);
    this.unit.write32(CCMD + 4, CCMD_GLOBAL);
    const iotlb = this.#capability.iotlbOffset + IOTLB;
    const contextsDone = this.#until(() => this.unit.read32(CCMD + 4) < 0x8000_0000);
    this.unit.write32(iotlb, 0);
    this.unit.write32(iotlb + 4, IOTLB_GLOBAL);
    return this.#until(() => this.unit.read32(iotlb + 4) < 0x8000_0000) && contextsDone;
  }

  /** Tables that were just written must have left the chipset's write buffer, where there is one (CAP.RWBF). */
  #flushWriteBuffer(): void {
    if (!this.#capability.writeBufferFlush) return;
    this.#command(WBF);
    this.#until(() => !this.#is(WBF));
  }

  #read64(offset: number): WideValue {
    return { low: this.unit.read32(offset), high: this.unit.read32(offset + 4) };
  }

  #command(bit: number): void {
    this.unit.write32(GCMD, ((this.unit.read32(GSTS) & ENABLES) | bit) >>> 0);
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

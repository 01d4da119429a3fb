import {
  type Address,
  type DmaRequest,
  type InterruptOutcome,
  newDmaRequest,
  newInterruptOutcome,
  newTranslationOutcome,
  PhysicalMemory,
  type TranslationOutcome,
} from '@quiesce/simulation';
import type { WideValue } from '../registers/capability.ts';
import { registerOffset } from '../registers/register-block.ts';
import { firstLevelEntry, pageTableIndex } from '../tables/page-entry.ts';
import { RootTable } from '../tables/root-table.ts';
import { SecondLevelTable } from '../tables/second-level-table.ts';
import { VtdUnit, type VtdUnitOptions } from '../unit/vtd-unit.ts';
import { QueueFixture } from './queue-fixture.ts';

/** CAP of the units in these tests: 3, 4 and 5 levels, 57 bits, superpages, PSI, 8 fault records at 0x200. */
export const testCapability: WideValue = { low: 0x2078_0e02 & ~0x0040_0000, high: 0x0009_078c };
/** ECAP: coherent, QI, DT, IR, EIM, PT, IO-TLB registers at 0x300. */
export const testExtendedCapability: WideValue = { low: 0x0000_305f, high: 0 };

/** CAP of a scalable-mode unit: as above, with 5-level and 1 GiB first level, posted interrupts. */
export const scalableCapability: WideValue = {
  low: testCapability.low,
  high: testCapability.high | 0x1900_0000,
};
/** ECAP of one: all of the above, nested, page requests, execute and supervisor requests, PASID of 20 bits, RPS, ADMS. */
export const scalableExtendedCapability: WideValue = { low: 0xe400_305f, high: 0x0013_e99c };

/** A unit over 1 GiB of memory, and what a kernel needs to program it. */
export class UnitFixture {
  readonly memory: PhysicalMemory = new PhysicalMemory([
    { start: 0, end: 0x4000_0000, owner: 'first-kernel' },
  ]);
  readonly unit: VtdUnit;
  /** The kernel's shadow of the global command register. */
  gcmd = 0;
  #nextPage = 0x10_0000;

  constructor(options: Partial<VtdUnitOptions> = {}) {
    this.unit = new VtdUnit({
      name: 'dmar0',
      segment: 0,
      registerBase: 0xfed9_0000,
      version: 0x10,
      capability: testCapability,
      extendedCapability: testExtendedCapability,
      memory: this.memory,
      accessFails: (address) => this.memory.ownerAt(address) !== 'first-kernel',
      ...options,
    });
  }

  readonly allocatePage = (): Address => {
    this.#nextPage += 4096;
    return this.#nextPage;
  };

  rootTable(scalable = false): RootTable {
    return new RootTable({ memory: this.memory, allocatePage: this.allocatePage, scalable });
  }

  pageTable(levels: 3 | 4 | 5 = 4): SecondLevelTable {
    return new SecondLevelTable({ memory: this.memory, allocatePage: this.allocatePage, levels });
  }

  /** Physical address of the leaf entry that {@link firstLevel} made last. */
  firstLeaf = 0;

  /** A first-level table of 4 levels that maps one page for users, writable. @returns its root */
  firstLevel(iova: Address, physical: Address): Address {
    const root = this.allocatePage();
    let table = root;
    for (let level = 4; level >= 1; level--) {
      const at = table + pageTableIndex(iova, level) * 8;
      const address = level === 1 ? physical : this.allocatePage();
      const { low, high } = firstLevelEntry({ address, write: true, user: true });
      this.memory.write32(at, low, 0);
      this.memory.write32(at + 4, high, 0);
      this.firstLeaf = at;
      table = address;
    }
    return root;
  }

  /** As `iommu_set_root_entry` does: register, then SRTP with all enable bits restated. */
  setRoot(address: Address, mode = 0): void {
    this.unit.writeWide(
      registerOffset.RTADDR,
      ((address >>> 0) | (mode << 10)) >>> 0,
      Math.floor(address / 2 ** 32),
    );
    this.command(0x4000_0000);
  }

  enable(bits: number): void {
    this.gcmd = (this.gcmd | bits) >>> 0;
    this.command(0);
  }

  disable(bits: number): void {
    this.gcmd = (this.gcmd & ~bits) >>> 0;
    this.command(0);
  }

  command(oneShot: number): void {
    this.unit.writeRegister32(registerOffset.GCMD, (this.gcmd | oneShot) >>> 0);
  }

  /** Takes back what the last faults left in the log, as a driver does. */
  clearFaults(): void {
    for (let i = 0; i < this.unit.capability.faultRecords; i++)
      this.unit.writeRegister32(0x20c + 16 * i, 0x8000_0000);
    this.unit.writeRegister32(registerOffset.FSTS, 0x7d);
  }

  /** Sets up an invalidation queue of 2^order pages and switches it on. */
  queue(wide = false, order = 0): QueueFixture {
    return new QueueFixture(this, wide, order);
  }

  interrupt(requesterId: number, address: Address, data: number): InterruptOutcome {
    const outcome = newInterruptOutcome();
    this.unit.remapInterrupt({ segment: 0, requesterId, address, data }, outcome);
    return outcome;
  }

  dma(requesterId: number, address: Address, change: Partial<DmaRequest> = {}): TranslationOutcome {
    const outcome = newTranslationOutcome();
    this.unit.translate({ ...newDmaRequest(), requesterId, address, ...change }, outcome);
    return outcome;
  }
}

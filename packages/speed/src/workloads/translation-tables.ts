import {
  type Address,
  type DmaRequest,
  newDmaRequest,
  PAGE_SIZE,
  PhysicalMemory,
  RandomStream,
} from '@quiesce/simulation';
import { contextEntry, RootTable, rootTableRegister, SecondLevelTable, VtdUnit } from '@quiesce/vtd-iommu';

/** Tables as a kernel builds them, in memory, and a unit that uses them. */
export interface TranslationTables {
  readonly memory: PhysicalMemory;
  readonly unit: VtdUnit;
  readonly rootTable: Address;
  readonly requests: readonly DmaRequest[];
  /** One above the last byte of the tables. */
  readonly end: Address;
  readonly start: Address;
}

export interface TableShape {
  /** Requesters, each with a domain and a page table of four levels. */
  readonly requesters: number;
  /** Pages of each requester, from the highest 4 GiB address down, as Linux hands them out. */
  readonly pages: number;
}

const START = 0x100_0000;
const BUFFERS = 0x4000_0000;
/** CAP and ECAP of QEMU's unit with 48 bits: 3 and 4 levels, large pages. */
const CAPABILITY = { low: 0x222f_0606, high: 0x00d2_008c };
const EXTENDED_CAPABILITY = { low: 0x00f0_0f4a, high: 0 };

/**
 * Builds the tables of `shape` and switches translation on. The requests are every page of every requester once, in an
 * order drawn at random (always the same), as requests of many devices arrive: the processor's predictors learn neither
 * the order of the tables nor that of the pages.
 */
export function translationTables({ requesters, pages }: TableShape): TranslationTables {
  const memory = new PhysicalMemory([{ start: 0, end: 0x10_0000_0000, owner: 'first-kernel' }]);
  const writer = memory.writer('kernel');
  let next = START;
  const allocatePage = (): Address => {
    next += PAGE_SIZE;
    return next - PAGE_SIZE;
  };
  const storage = { memory, writer, allocatePage };
  const root = new RootTable({ ...storage, scalable: false });
  const random = new RandomStream(7);
  const iovas: Address[][] = [];
  for (let i = 0; i < requesters; i++) {
    const table = new SecondLevelTable({ ...storage, levels: 4 });
    const own: Address[] = [];
    for (let page = 0; page < pages; page++) {
      const iova = 0xffff_f000 - page * PAGE_SIZE;
      table.map(iova, BUFFERS + random.nextInteger(0, 0x7_ffff) * PAGE_SIZE, PAGE_SIZE, {
        read: true,
        write: true,
      });
      own.push(iova);
    }
    iovas.push(own);
    root.setContext(i, contextEntry({ pageTable: table.root, levels: 4, domainId: i + 1 }));
  }
  const requests: DmaRequest[] = [];
  for (let page = 0; page < pages; page++) {
    for (let i = 0; i < requesters; i++) {
      const address = ((iovas[i] as Address[])[page] as Address) + 64 * (i % 64);
      requests.push({ ...newDmaRequest(), requesterId: i, address, length: 64, write: (i + page) % 2 === 0 });
    }
  }
  shuffle(requests, random);
  const unit = new VtdUnit({
    name: 'dmar0',
    segment: 0,
    registerBase: 0xfed9_0000,
    version: 0x10,
    capability: CAPABILITY,
    extendedCapability: EXTENDED_CAPABILITY,
    memory,
    writer: memory.writer('dmar0'),
    hostAddressBits: 39,
  });
  const { low, high } = rootTableRegister(root.address, 0);
  unit.writeWide(0x20, low, high);
  unit.writeRegister32(0x18, 0x4000_0000);
  unit.writeRegister32(0x18, 0x8000_0000);
  return { memory, unit, rootTable: root.address, requests, start: START, end: next };
}

/** Fisher-Yates. */
function shuffle(requests: DmaRequest[], random: RandomStream): void {
  for (let i = requests.length - 1; i > 0; i--) {
    const other = random.nextInteger(0, i);
    const moved = requests[i] as DmaRequest;
    requests[i] = requests[other] as DmaRequest;
    requests[other] = moved;
  }
}

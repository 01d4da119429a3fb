import { contextEntry } from '../tables/context-entry.ts';
import type { RootTable } from '../tables/root-table.ts';
import type { SecondLevelTable } from '../tables/second-level-table.ts';
import type { VtdUnitOptions } from '../unit/vtd-unit.ts';
import { UnitFixture } from './unit-fixture.ts';

export const nic = 0x0100;
export const disk = 0x0208;
const TE = 0x8000_0000;

export interface Setup {
  fixture: UnitFixture;
  root: RootTable;
  table: SecondLevelTable;
}

/** NIC in domain 5, disk in domain 6, both over one table with pages 0 .. 7 mapped. */
export function setup(options: Partial<VtdUnitOptions> = {}): Setup {
  const fixture = new UnitFixture(options);
  const root = fixture.rootTable();
  const table = fixture.pageTable(4);
  table.map(0, 0x0800_0000, 0x8000, { read: true, write: true });
  root.setContext(nic, contextEntry({ pageTable: table.root, domainId: 5 }));
  root.setContext(disk, contextEntry({ pageTable: table.root, domainId: 6 }));
  fixture.setRoot(root.address);
  fixture.enable(TE);
  return { fixture, root, table };
}

/** Fills the IO-TLB with the first eight pages for both devices, then takes the pages away. */
export function staleTranslations(options: Partial<VtdUnitOptions> = {}): Setup {
  const s = setup(options);
  for (const device of [nic, disk]) {
    for (let page = 0; page < 8; page++) s.fixture.dma(device, page * 4096);
  }
  s.table.unmap(0, 0x8000);
  return s;
}

/** One letter for each page: `x` gets through. */
export const live: (s: Setup, device: number) => string = (s, device) =>
  Array.from({ length: 8 }, (_, page) => (s.fixture.dma(device, page * 4096).allowed ? 'x' : '.')).join('');

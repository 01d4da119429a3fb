import { describe, expect, test } from 'vitest';
import { SECOND_LEVEL_TRANSIENT_HIGH } from '../tables/page-entry.ts';
import { type PasidEntry, pasidEntry } from '../tables/pasid-entry.ts';
import { PasidTable } from '../tables/pasid-table.ts';
import type { RootTable } from '../tables/root-table.ts';
import { type ScalableContextEntry, scalableContextEntry } from '../tables/scalable-context-entry.ts';
import type { SecondLevelTable } from '../tables/second-level-table.ts';
import { scalableCapability, scalableExtendedCapability, UnitFixture } from '../testing/unit-fixture.ts';
import type { VtdUnitOptions } from './vtd-unit.ts';

const TE = 0x8000_0000;
/** devfn 0xa0: the upper half of its root entry. */
const nic = 0x52a0;
const iova = 0x7fff_e000;
const nowhere = 0x4000_0000;

interface Setup {
  fixture: UnitFixture;
  root: RootTable;
  pasids: PasidTable;
  second: SecondLevelTable;
  /** Physical addresses. */
  context: number;
  firstRoot: number;
}

interface Shape {
  entry?: Partial<PasidEntry>;
  context?: Partial<ScalableContextEntry>;
  pasid?: number;
  unit?: Partial<VtdUnitOptions>;
}

/** Tables for one PASID: second level maps `iova`, first level maps it too, both to 0x0800_0000. */
function setup(shape: Shape = {}): Setup {
  const fixture = new UnitFixture({
    capability: scalableCapability,
    extendedCapability: scalableExtendedCapability,
    ...shape.unit,
  });
  const root = fixture.rootTable(true);
  const pasids = new PasidTable({ memory: fixture.memory, allocatePage: fixture.allocatePage });
  const second = fixture.pageTable(4);
  second.map(iova, 0x0800_0000, 4096, { read: true, write: true });
  // A nested first level finds its tables at their own addresses.
  second.map(0x10_0000, 0x10_0000, 0x10_0000, { read: true, write: true });
  second.map(0x0800_0000, 0x0900_0000, 4096, { read: true, write: true });
  const firstRoot = fixture.firstLevel(iova, 0x0800_0000);
  pasids.setEntry(
    shape.pasid ?? 0,
    pasidEntry({
      translationType: 2,
      domainId: 9,
      secondLevelTable: second.root,
      firstLevelTable: firstRoot,
      pageWalkSnoop: true,
      ...shape.entry,
    }),
  );
  root.setContext(nic, scalableContextEntry({ pasidDirectory: pasids.directory, ...shape.context }));
  fixture.setRoot(root.address, 1);
  fixture.enable(TE);
  return { fixture, root, pasids, second, context: root.contextEntryAddress(nic) as number, firstRoot };
}

function poke(s: Setup, at: number, set: number, clear = 0): void {
  s.fixture.memory.write32(at, ((s.fixture.memory.read32(at) & ~clear) | set) >>> 0, 0);
}

const entryOf = (s: Setup, pasid = 0): number => s.pasids.entryAddress(pasid) as number;
const reason = (s: Setup, change: Parameters<UnitFixture['dma']>[2] = {}): number =>
  s.fixture.dma(nic, iova, change).reason;

describe('scalable mode translates', () => {
  test('by second level', () => {
    const s = setup();
    expect(s.fixture.dma(nic, iova + 5)).toMatchObject({
      allowed: true,
      address: 0x0800_0005,
      steady: false,
    });
    expect(s.fixture.dma(nic, iova + 5).steady).toBe(true);
  });

  test('by first level, and sets accessed and dirty flags', () => {
    const s = setup({ entry: { translationType: 1 } });
    expect(s.fixture.dma(nic, iova)).toMatchObject({ allowed: true, address: 0x0800_0000 });
    expect(s.fixture.memory.read32(s.fixture.firstLeaf) & 0x60).toBe(0x20);
    expect(s.fixture.dma(nic, iova).steady).toBe(true);
    expect(s.fixture.dma(nic, iova, { write: true }).steady).toBe(false);
    expect(s.fixture.memory.read32(s.fixture.firstLeaf) & 0x60).toBe(0x60);
    expect(s.fixture.dma(nic, iova, { write: true }).steady).toBe(true);
  });

  test('nested: the second level translates what the first one gives', () => {
    const s = setup({ entry: { translationType: 3 } });
    expect(s.fixture.dma(nic, iova + 8, { write: true })).toMatchObject({
      allowed: true,
      address: 0x0900_0008,
    });
    expect(s.fixture.dma(nic, iova + 8, { write: true }).steady).toBe(true);
  });

  test('pass-through', () => {
    const s = setup({ entry: { translationType: 4 } });
    expect(s.fixture.dma(nic, 0x1234)).toMatchObject({ allowed: true, address: 0x1234, untranslated: true });
  });

  test('by the PASID of the request, with permission', () => {
    const s = setup({ pasid: 0x1234, entry: { translationType: 1 }, context: { pasidEnable: true } });
    expect(s.fixture.dma(nic, iova, { pasid: 0x1234 })).toMatchObject({
      allowed: true,
      address: 0x0800_0000,
    });
    expect(reason(s)).toBe(0x51);
  });

  test('by RID_PASID for requests without one', () => {
    const s = setup({ pasid: 7, context: { requestsWithoutPasid: 7 } });
    expect(reason(s)).toBe(0);
  });

  test('finds devices below devfn 0x80 in the lower half', () => {
    const s = setup();
    expect(s.fixture.dma(0x5210, iova).reason).toBe(0x39);
    s.root.setContext(0x5210, scalableContextEntry({ pasidDirectory: s.pasids.directory }));
    expect(s.fixture.dma(0x5210, iova)).toMatchObject({ allowed: true, address: 0x0800_0000 });
  });
});

describe('scalable fault reasons, each from bytes in the tables', () => {
  const rootHalf = (s: Setup): number => s.root.address + 0x52 * 16 + 8;
  const directory = (s: Setup): number => s.pasids.directory;
  const tableTop = (s: Setup): number => s.second.root;
  const secondLeaf = (s: Setup): number => s.second.lookup(iova).entryAddress;
  const cases: [number, string, Shape, (s: Setup) => void, Parameters<UnitFixture['dma']>[2]?][] = [
    [
      0x30,
      'root table beyond the host address width',
      { unit: { hostAddressBits: 36 } },
      (s) => {
        s.fixture.setRoot(2 ** 36, 1);
      },
    ],
    [0x38, 'root table where nothing is', {}, (s) => s.fixture.setRoot(nowhere, 1)],
    [0x39, 'upper half not present', {}, (s) => poke(s, rootHalf(s), 0, 1)],
    [0x3a, 'reserved bits of a root half', {}, (s) => poke(s, rootHalf(s), 0x20)],
    [0x40, 'context table where nothing is', {}, (s) => poke(s, rootHalf(s), nowhere, 0xffff_f000)],
    [0x41, 'context entry not present', {}, (s) => poke(s, s.context, 0, 1)],
    [0x42, 'reserved bits of a context entry', {}, (s) => poke(s, s.context, 0x20)],
    [0x42, 'reserved words of a context entry', {}, (s) => poke(s, s.context + 28, 1)],
    [
      0x43,
      'device-TLB without ECAP.DT',
      {
        unit: {
          extendedCapability: { ...scalableExtendedCapability, low: scalableExtendedCapability.low & ~4 },
        },
      },
      (s) => poke(s, s.context, 4),
    ],
    [0x44, 'translation request with DTE clear', {}, () => {}, { addressType: 1 }],
    [0x45, 'PASID with PASIDE clear', {}, () => {}, { pasid: 0 }],
    [0x46, 'PASID beyond the directory', { context: { pasidEnable: true } }, () => {}, { pasid: 0x2000 }],
    [0x48, 'RID_PASID beyond the directory', {}, (s) => poke(s, s.context + 8, 0x2000)],
    [0x50, 'PASID directory where nothing is', {}, (s) => poke(s, s.context, nowhere, 0xffff_f000)],
    [0x51, 'directory entry not present', {}, (s) => poke(s, directory(s), 0, 1)],
    [0x52, 'reserved bits of a directory entry', {}, (s) => poke(s, directory(s), 4)],
    [0x58, 'PASID table where nothing is', {}, (s) => poke(s, directory(s), nowhere, 0xffff_f000)],
    [0x59, 'PASID entry not present', {}, (s) => poke(s, entryOf(s), 0, 1)],
    [0x5a, 'reserved bits of a PASID entry', {}, (s) => poke(s, entryOf(s), 0x800)],
    [0x5a, 'reserved words of a PASID entry', {}, (s) => poke(s, entryOf(s) + 60, 0x8000_0000)],
    [0x5b, 'reserved translation type', {}, (s) => poke(s, entryOf(s), 5 << 6, 7 << 6)],
    [0x5b, 'width that the unit lacks', {}, (s) => poke(s, entryOf(s), 6 << 2, 7 << 2)],
    [
      0x5b,
      'reserved first-level mode',
      { entry: { translationType: 1 } },
      (s) => poke(s, entryOf(s) + 16, 2 << 2),
    ],
    [
      0x5c,
      'execute request with ERE clear',
      { entry: { translationType: 1 }, context: { pasidEnable: true } },
      () => {},
      { pasid: 0, execute: true },
    ],
    [
      0x5d,
      'privileged request with SRE clear',
      { entry: { translationType: 1 }, context: { pasidEnable: true } },
      () => {},
      { pasid: 0, privileged: true },
    ],
    [0x5d, 'RID_PRIV with SRE clear', { context: { privileged: true } }, () => {}],
    [
      0x70,
      'first-level table where nothing is',
      { entry: { translationType: 1 } },
      (s) => poke(s, s.firstRoot, nowhere, 0xffff_f000),
    ],
    [
      0x71,
      'first-level entry not present',
      { entry: { translationType: 1 } },
      (s) => poke(s, s.fixture.firstLeaf, 0, 1),
    ],
    [
      0x72,
      'reserved bits of a first-level entry',
      { entry: { translationType: 1 } },
      (s) => poke(s, s.fixture.firstLeaf + 4, 0x8000_0000),
    ],
    [
      0x73,
      'top first-level table where nothing is',
      { entry: { translationType: 1, firstLevelTable: nowhere } },
      () => {},
    ],
    [
      0x74,
      'nested first-level table beyond the second level',
      { entry: { translationType: 3, secondLevelLevels: 3, firstLevelTable: 2 ** 39 } },
      () => {},
    ],
    [
      0x75,
      'nested: no right to read the top table',
      { entry: { translationType: 3 } },
      (s) => s.second.map(s.firstRoot, s.firstRoot, 4096, { read: false, write: true }),
    ],
    [
      0x76,
      'nested: no right to read a lower table',
      { entry: { translationType: 3 } },
      (s) => {
        const page = s.fixture.firstLeaf - (s.fixture.firstLeaf % 4096);
        s.second.map(page, page, 4096, { read: false, write: true });
      },
    ],
    [
      0x77,
      'nested: no right to set flags',
      { entry: { translationType: 3 } },
      (s) => s.second.map(s.firstRoot, s.firstRoot, 4096, { read: true, write: false }),
    ],
    [0x78, 'second-level table where nothing is', {}, (s) => poke(s, tableTop(s), nowhere, 0xffff_f000)],
    [0x79, 'second-level entry not present', {}, (s) => poke(s, secondLeaf(s), 0, 3)],
    [
      0x79,
      'nested: top first-level table not mapped',
      { entry: { translationType: 3, firstLevelTable: 0x3000_0000 } },
      () => {},
    ],
    [
      0x7a,
      'reserved bits of a second-level entry',
      {},
      (s) => poke(s, tableTop(s) + 4, SECOND_LEVEL_TRANSIENT_HIGH),
    ],
    [0x7b, 'top second-level table where nothing is', { entry: { secondLevelTable: nowhere } }, () => {}],
    [
      0x7c,
      'second-level flags without snooping',
      { entry: { secondLevelAccessedDirty: true, pageWalkSnoop: false } },
      () => {},
    ],
    [
      0x81,
      'user request, supervisor page',
      { entry: { translationType: 1 } },
      (s) => poke(s, s.fixture.firstLeaf, 0, 4),
    ],
    [
      0x82,
      'execute request, page without execute permission',
      { entry: { translationType: 1, executeRequests: true }, context: { pasidEnable: true } },
      (s) => {
        poke(s, entryOf(s) + 16, 1 << 5);
        poke(s, s.fixture.firstLeaf + 4, 0x8000_0000);
      },
      { pasid: 0, execute: true },
    ],
    [
      0x85,
      'write to a read-only second-level page',
      {},
      (s) => poke(s, secondLeaf(s), 0, 2),
      { write: true },
    ],
    [
      0x85,
      'write to a read-only first-level page',
      { entry: { translationType: 1 } },
      (s) => poke(s, s.fixture.firstLeaf, 0, 2),
      { write: true },
    ],
    [0x86, 'read of a write-only second-level page', {}, (s) => poke(s, secondLeaf(s), 0, 1)],
    [
      0x87,
      'translation into the interrupt window',
      {},
      (s) => poke(s, secondLeaf(s), 0xfee0_0000, 0xffff_f000),
    ],
    [
      0x90,
      'first-level flags without snooping',
      { entry: { translationType: 1, pageWalkSnoop: false } },
      () => {},
    ],
  ];
  test.each(cases)('0x%s: %s', (expected, _name, shape, damage, change) => {
    const s = setup(shape);
    damage(s);
    expect(s.fixture.dma(nic, iova, change)).toMatchObject({ allowed: false, reason: expected });
    expect(s.fixture.unit.readRegister32(0x20c) & 0xff).toBe(expected);
  });

  test('0x80 not canonical', () => {
    const s = setup({ entry: { translationType: 1 } });
    expect(s.fixture.dma(nic, 2 ** 47).reason).toBe(0x80);
    expect(s.fixture.dma(nic, 2 ** 47 - 4096).reason).toBe(0x71);
  });

  test('0x83 and 0x84 beyond what the unit or the table translates', () => {
    const narrow = { low: (scalableCapability.low & ~0x3f_0000) | 0x2f_0000, high: scalableCapability.high };
    const through = setup({ entry: { translationType: 4 }, unit: { capability: narrow } });
    expect(through.fixture.dma(nic, 2 ** 48).reason).toBe(0x83);
    expect(setup().fixture.dma(nic, 2 ** 48).reason).toBe(0x84);
  });

  test('pass-through into the interrupt window with PASID is 0x87', () => {
    const s = setup({ entry: { translationType: 4 }, context: { pasidEnable: true } });
    expect(s.fixture.dma(nic, 0xfee0_0000, { pasid: 0, write: true }).reason).toBe(0x87);
  });

  test('the record tells the PASID and its rights', () => {
    const s = setup({ context: { pasidEnable: true } });
    s.fixture.dma(nic, iova, { pasid: 0x1fff, write: true, privileged: true });
    expect(s.fixture.unit.readRegister32(0x208)).toBe(0xa000_0000 + nic);
    expect(s.fixture.unit.readRegister32(0x20c)).toBe((0x8000_0000 | (0x1fff << 8) | 0x51) >>> 0);
  });

  test('FPD counts in context, directory and PASID entry', () => {
    for (const where of [(s: Setup) => s.context, directory, (s: Setup) => entryOf(s)]) {
      const s = setup();
      poke(s, where(s), 2);
      poke(s, secondLeaf(s), 0, 3);
      expect(s.fixture.dma(nic, iova)).toMatchObject({ allowed: false, reason: 0x79 });
      expect(s.fixture.unit.readRegister32(0x34)).toBe(0);
    }
  });

  test('a supervisor may write where WPE is clear', () => {
    const s = setup({
      entry: { translationType: 1, supervisorRequests: true },
      context: { pasidEnable: true },
    });
    poke(s, s.fixture.firstLeaf, 0, 2);
    expect(reason(s, { pasid: 0, write: true })).toBe(0x85);
    expect(reason(s, { pasid: 0, write: true, privileged: true })).toBe(0);
    const t = setup({
      entry: { translationType: 1, supervisorRequests: true, writeProtect: true },
      context: { pasidEnable: true },
    });
    poke(t, t.fixture.firstLeaf, 0, 2);
    expect(reason(t, { pasid: 0, write: true, privileged: true })).toBe(0x85);
  });
});

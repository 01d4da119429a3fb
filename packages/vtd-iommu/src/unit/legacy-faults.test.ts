import { describe, expect, test } from 'vitest';
import { CONTEXT_FAULT_DISABLE, contextEntry, PASS_THROUGH } from '../tables/context-entry.ts';
import type { RootTable } from '../tables/root-table.ts';
import type { SecondLevelTable } from '../tables/second-level-table.ts';
import { testCapability, testExtendedCapability, UnitFixture } from '../testing/unit-fixture.ts';
import type { VtdUnitOptions } from './vtd-unit.ts';

const TE = 0x8000_0000;
const nic = 0x0318;
const iova = 0xffff_e000;

interface Setup {
  fixture: UnitFixture;
  root: RootTable;
  table: SecondLevelTable;
  /** Physical address of the leaf entry of `iova`. */
  leaf: number;
  context: number;
}

function setup(options: Partial<VtdUnitOptions> = {}): Setup {
  const fixture = new UnitFixture(options);
  const root = fixture.rootTable();
  const table = fixture.pageTable(4);
  table.map(iova, 0x0800_0000, 4096, { read: true, write: true });
  root.setContext(nic, contextEntry({ pageTable: table.root, levels: 4, domainId: 9 }));
  fixture.setRoot(root.address);
  fixture.enable(TE);
  return {
    fixture,
    root,
    table,
    leaf: table.lookup(iova).entryAddress,
    context: root.contextEntryAddress(nic) as number,
  };
}

type Break = (s: Setup) => void;
const poke =
  (where: (s: Setup) => number, word: number, set: number, clear = 0): Break =>
  (s) => {
    const at = where(s) + 4 * word;
    s.fixture.memory.write32(at, ((s.fixture.memory.read32(at) & ~clear) | set) >>> 0, 0);
  };
const rootEntry = (s: Setup): number => s.root.address + 16 * 3;
const context = (s: Setup): number => s.context;
const leaf = (s: Setup): number => s.leaf;
const top = (s: Setup): number => s.table.root;

/** Nothing answers above 1 GiB in the fixture. */
const nowhere = 0x4000_0000;

describe('legacy fault reasons, each from bytes in the tables', () => {
  const cases: [number, string, Break, (s: Setup) => number][] = [
    [0x01, 'root entry not present', poke(rootEntry, 0, 0, 1), rootEntry],
    [0x02, 'context entry not present', poke(context, 0, 0, 1), context],
    [0x03, 'address width that the unit lacks', poke(context, 2, 4, 7), context],
    [0x03, 'reserved translation type', poke(context, 0, 0xc), context],
    [0x05, 'leaf without write permission', poke(leaf, 0, 0, 2), leaf],
    [0x05, 'leaf not present', poke(leaf, 0, 0, 3), leaf],
    [0x05, 'upper level without write permission', poke(top, 0, 0, 2), top],
    [0x07, 'next table where nothing is', poke(top, 0, nowhere, 0xffff_f000), () => nowhere + 24],
    [0x07, 'root of the page table where nothing is', poke(context, 0, nowhere, 0xffff_f000), () => nowhere],
    [0x09, 'context table where nothing is', poke(rootEntry, 0, nowhere, 0xffff_f000), () => nowhere + 0x180],
    [0x0a, 'reserved bit of a root entry', poke(rootEntry, 0, 0x10), rootEntry],
    [0x0a, 'reserved upper half of a root entry', poke(rootEntry, 2, 1), rootEntry],
    [0x0b, 'reserved bit of a context entry', poke(context, 0, 0x100), context],
    [0x0b, 'reserved upper bits of a context entry', poke(context, 2, 0x8000_0000), context],
    [0x0c, 'snoop bit without snoop control', poke(leaf, 0, 0x800), leaf],
    [0x0c, 'reserved bit of an upper level', poke(top, 0, 0x80), top],
    [0x0e, 'translation into the interrupt window', poke(leaf, 0, 0xfee0_0000, 0xffff_f000), leaf],
  ];
  test.each(cases)('0x%s: %s', (reason, _name, damage, where) => {
    const s = setup();
    damage(s);
    const outcome = s.fixture.dma(nic, iova, { write: true });
    expect(outcome).toMatchObject({ allowed: false, reason, entryAddress: where(s), untranslated: false });
    expect(s.fixture.unit.readRegister32(0x20c) >>> 0).toBe((0x8000_0000 | reason) >>> 0);
  });

  test('0x06 is what a read gets', () => {
    const s = setup();
    poke(leaf, 0, 0, 1)(s);
    expect(s.fixture.dma(nic, iova)).toMatchObject({ allowed: false, reason: 6 });
    expect(s.fixture.unit.readRegister32(0x20c)).toBe(0xc000_0006);
  });

  test('0x05 stays hidden in an upper level until a write comes, even from the IO-TLB', () => {
    const s = setup();
    poke(top, 0, 0, 2)(s);
    expect(s.fixture.dma(nic, iova).allowed).toBe(true);
    expect(s.fixture.dma(nic, iova, { write: true })).toMatchObject({ reason: 5, entryAddress: s.leaf });
  });

  test('0x04 beyond the width of the table', () => {
    const s = setup();
    expect(s.fixture.dma(nic, 2 ** 48)).toMatchObject({ allowed: false, reason: 4, entryAddress: s.context });
    expect(s.fixture.dma(nic, 2 ** 48 - 4096).reason).toBe(6);
  });

  test('0x08 root table where nothing is', () => {
    const s = setup();
    s.fixture.setRoot(nowhere);
    expect(s.fixture.dma(0x0400, iova)).toMatchObject({ reason: 8, entryAddress: nowhere + 64 });
  });

  test('0x0d requests of a device-TLB that the context entry does not allow', () => {
    const s = setup();
    expect(s.fixture.dma(nic, iova, { addressType: 1 }).reason).toBe(0xd);
    expect(s.fixture.dma(nic, iova, { addressType: 2 }).reason).toBe(0xd);
    s.root.setContext(0x400, contextEntry({ pageTable: s.table.root, domainId: 9, translationType: 1 }));
    expect(s.fixture.dma(0x400, iova, { addressType: 1 })).toMatchObject({
      allowed: true,
      address: 0x0800_0000,
    });
    expect(s.fixture.dma(0x400, 0x5000, { addressType: 2 })).toMatchObject({
      allowed: true,
      address: 0x5000,
    });
  });

  test('0x30 a table mode that the unit lacks, 0x31 a PASID in legacy mode', () => {
    const s = setup({ extendedCapability: { low: testExtendedCapability.low, high: 0x800 } });
    expect(s.fixture.dma(nic, iova, { pasid: 3 }).reason).toBe(0x31);
    s.fixture.disable(TE);
    s.fixture.setRoot(s.root.address, 2);
    s.fixture.enable(TE);
    expect(s.fixture.dma(nic, iova).reason).toBe(0x30);
  });

  test('pass-through needs ECAP.PT', () => {
    const s = setup();
    s.root.setContext(0x400, contextEntry({ translationType: PASS_THROUGH, levels: 5, domainId: 1 }));
    expect(s.fixture.dma(0x400, 0x7000)).toMatchObject({
      allowed: true,
      address: 0x7000,
      untranslated: true,
    });
    const without = setup({ extendedCapability: { low: testExtendedCapability.low & ~0x40, high: 0 } });
    without.root.setContext(0x400, contextEntry({ translationType: PASS_THROUGH, levels: 5, domainId: 1 }));
    expect(without.fixture.dma(0x400, 0x7000).reason).toBe(3);
  });

  test('superpages need CAP.SLLPS, and their low address bits are reserved', () => {
    const big = (s: Setup, page: number) => {
      s.table.map(0x4000_0000, page, 0x20_0000, { read: true, write: true, largestLevel: 2 });
      return s.fixture.dma(nic, 0x4012_3456);
    };
    expect(big(setup(), 0x1000_0000)).toMatchObject({
      address: 0x1012_3456,
      validFor: 0x20_0000 - 0x12_3456,
    });
    const s = setup();
    big(s, 0x1000_0000);
    const entry = s.table.lookup(0x4000_0000).entryAddress;
    s.fixture.memory.write32(entry, 0x1000_1083, 0);
    expect(s.fixture.dma(nic, 0x4020_0000).reason).toBe(6);
    const none = setup({ capability: { low: testCapability.low, high: testCapability.high & ~0x3c } });
    expect(big(none, 0x1000_0000).reason).toBe(0xc);
  });

  test('a zero-length read of a write-only page goes through where CAP.ZLR is set', () => {
    const s = setup({ capability: { low: testCapability.low | 0x40_0000, high: testCapability.high } });
    poke(leaf, 0, 0, 1)(s);
    expect(s.fixture.dma(nic, iova, { length: 0 }).allowed).toBe(true);
    expect(s.fixture.dma(nic, iova, { length: 4 }).reason).toBe(6);
    const t = setup();
    poke(leaf, 0, 0, 1)(t);
    expect(t.fixture.dma(nic, iova, { length: 0 }).reason).toBe(6);
  });

  test('bits above the host address width are reserved', () => {
    const s = setup({ hostAddressBits: 39 });
    poke(leaf, 1, 0x80)(s);
    expect(s.fixture.dma(nic, iova).reason).toBe(0xc);
    const t = setup({ hostAddressBits: 39 });
    poke(context, 1, 0x80)(t);
    expect(t.fixture.dma(nic, iova).reason).toBe(0xb);
  });
});

describe('fault processing disabled', () => {
  test('FPD blocks the request all the same, and records nothing', () => {
    const s = setup();
    poke(context, 0, CONTEXT_FAULT_DISABLE)(s);
    expect(s.fixture.dma(nic, 0x1000)).toMatchObject({ allowed: false, reason: 6, steady: false });
    expect(s.fixture.dma(nic, 0x1000)).toMatchObject({ allowed: false, reason: 6, steady: true });
    expect(s.fixture.unit.readRegister32(0x34)).toBe(0);
    poke(context, 0, 0, 1)(s);
    expect(s.fixture.dma(nic, 0x1000).reason).toBe(6);
  });

  test('a context entry that is not present can carry FPD too', () => {
    const s = setup();
    poke(context, 0, CONTEXT_FAULT_DISABLE, 1)(s);
    expect(s.fixture.dma(nic, iova)).toMatchObject({ reason: 2, steady: true });
    expect(s.fixture.unit.readRegister32(0x34)).toBe(0);
  });
});

describe('the interrupt window', () => {
  test('a translation into it is not cached: no invalidation is needed to correct it', () => {
    const s = setup();
    s.table.map(iova, 0xfee0_0000, 4096, { read: true, write: true });
    expect(s.fixture.dma(nic, iova).reason).toBe(0x0e);
    s.table.map(iova, 0x0900_0000, 4096, { read: true, write: true });
    expect(s.fixture.dma(nic, iova)).toMatchObject({ allowed: true, address: 0x0900_0000 });
  });

  test('is never translated: writes are messages, reads are refused without a fault', () => {
    const s = setup();
    s.table.map(0xfee0_0000, 0x0900_0000, 4096, { read: true, write: true });
    expect(s.fixture.dma(nic, 0xfee0_0000, { write: true })).toMatchObject({
      allowed: true,
      address: 0xfee0_0000,
      untranslated: true,
    });
    expect(s.fixture.dma(nic, 0xfee0_0000)).toMatchObject({ allowed: false, reason: 0 });
    expect(s.fixture.unit.readRegister32(0x34)).toBe(0);
  });

  test('ends what an identity superpage answers for', () => {
    const s = setup();
    s.table.map(0xc000_0000, 0xc000_0000, 0x4000_0000, { read: true, write: true, largestLevel: 3 });
    expect(s.fixture.dma(nic, 0xfed0_0000).validFor).toBe(0x10_0000);
    expect(s.fixture.dma(nic, 0xfef0_0000).validFor).toBe(0x110_0000);
  });
});

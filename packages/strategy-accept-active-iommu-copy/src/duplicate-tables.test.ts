import { MiniMachine, onePort } from '@quiesce/strategy/contract';
import { contextEntry, PASS_THROUGH, RootTable, SecondLevelTable } from '@quiesce/vtd-iommu';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { duplicateRoot } from './duplicate-contexts.ts';
import { duplicatePageTable } from './duplicate-page-table.ts';
import { Duplication, DuplicationLimitReached } from './duplication.ts';

function bench(pageLimit = 10_000) {
  const machine = new MiniMachine({ name: 'empty', functions: [] });
  const { memory } = machine;
  let oldPages = 0x1000_0000;
  const allocatePage = (): number => {
    oldPages += 4096;
    return oldPages;
  };
  const { pages, memory: owned } = machine.contextFor('iommuInit');
  return { memory, allocatePage, work: new Duplication(owned, pages, pageLimit) };
}

const mapping = fc.record({
  level: fc.constantFrom(1 as const, 2 as const, 3 as const),
  slot: fc.nat(2000),
  frame: fc.nat(2 ** 20),
  read: fc.boolean(),
  write: fc.boolean(),
});

test('a duplicate maps exactly what the original maps, whatever the levels and page sizes', () => {
  fc.assert(
    fc.property(fc.constantFrom(3, 4, 5), fc.array(mapping, { maxLength: 12 }), (levels, mappings) => {
      const { memory, allocatePage, work } = bench();
      const old = new SecondLevelTable({ memory, allocatePage, levels });
      for (const { level, slot, frame, read, write } of mappings) {
        const bytes = 2 ** (3 + 9 * level);
        const iova = (slot * bytes) % 2 ** 39;
        old.map(iova, frame * bytes, bytes, { read: read || !write, write, largestLevel: level });
      }
      const copy = SecondLevelTable.at(duplicatePageTable(work, old.root, levels), { memory, levels });
      const leaves = (table: SecondLevelTable) =>
        [...table.entries()].map(({ entryAddress: _, ...leaf }) => leaf);
      expect(leaves(copy)).toEqual(leaves(old));
      expect(work.doubts).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test('no page of the old kernel hangs on the duplicate', () => {
  const { memory, allocatePage, work } = bench();
  const old = new SecondLevelTable({ memory, allocatePage, levels: 4 });
  old.map(0xffff_f000, 0x1234_5000, 4096, { read: true, write: true });
  const copy = duplicatePageTable(work, old.root, 4);
  old.unmap(0xffff_f000, 4096);
  expect(SecondLevelTable.at(copy, { memory, levels: 4 }).lookup(0xffff_f000).physical).toBe(0x1234_5000);
});

test('requesters that share a page table go on sharing it', () => {
  const { memory, allocatePage, work } = bench();
  const old = new RootTable({ memory, allocatePage, scalable: false });
  const table = new SecondLevelTable({ memory, allocatePage, levels: 3 });
  const entry = contextEntry({ pageTable: table.root, levels: 3, domainId: 7 });
  old.setContext(0x0100, entry);
  old.setContext(0x0101, entry);
  const { contexts } = duplicateRoot(work, old.address);
  expect(contexts[0]?.pageTableRoot).toBe(contexts[1]?.pageTableRoot);
  expect(work.pageCount).toBe(3);
});

test('a pass-through entry is kept and has no page table', () => {
  const { memory, allocatePage, work } = bench();
  const old = new RootTable({ memory, allocatePage, scalable: false });
  const entry = contextEntry({ translationType: PASS_THROUGH, levels: 4, domainId: 1 });
  old.setContext(0x00d8, entry);
  const { address, contexts } = duplicateRoot(work, old.address);
  expect(contexts).toEqual([{ requesterId: 0x00d8, domainId: 1, levels: undefined, pageTableRoot: 0 }]);
  expect(RootTable.at(address, { memory, scalable: false }).context(0x00d8)).toEqual(entry);
});

test('fault-disable and software bits of a context entry survive', () => {
  const { memory, allocatePage, work } = bench();
  const old = new RootTable({ memory, allocatePage, scalable: false });
  const table = new SecondLevelTable({ memory, allocatePage, levels: 5 });
  const entry = contextEntry({
    pageTable: table.root,
    levels: 5,
    domainId: 0xabcd,
    faultDisable: true,
    available: 8,
  });
  old.setContext(0xff07, entry);
  const { address } = duplicateRoot(work, old.address);
  const copied = RootTable.at(address, { memory, scalable: false }).context(0xff07);
  expect((copied?.[0] ?? 0) & 0xfff).toBe((entry[0] ?? 0) & 0xfff);
  expect(copied?.slice(2)).toEqual(entry.slice(2));
});

test.each([
  ['a table that contains itself', (root: number) => [root, root + 3, 0], 'points to no table of its own'],
  ['memory that is not there', (root: number) => [root, 0xffff_ffff, 0xffff_ffff], 'reads as all ones'],
  ['a null pointer', (root: number) => [root, 3, 0], 'points to no table of its own'],
])('%s is left out, and noted', (_what, entryOf, why) => {
  const { memory, allocatePage, work } = bench();
  const old = new SecondLevelTable({ memory, allocatePage, levels: 4 });
  old.map(0x1_0000_0000_00, 0x5000, 4096, { read: true, write: true });
  const [at, low, high] = entryOf(old.root);
  memory.write32(at ?? 0, low ?? 0);
  memory.write32((at ?? 0) + 4, high ?? 0);
  const copy = SecondLevelTable.at(duplicatePageTable(work, old.root, 4), { memory, levels: 4 });
  expect(work.doubts[0]).toContain(why);
  expect([...copy.entries()]).toHaveLength(1);
});

test('garbage ends at the page limit', () => {
  const { memory, allocatePage, work } = bench(100);
  const root = allocatePage();
  // 512 entries that all lead to the same table, whose entries do so as well: 512 ** 2 pages if followed.
  const [next, last] = [allocatePage(), allocatePage()];
  for (let index = 0; index < 512; index++) {
    memory.write32(root + index * 8, next + 3);
    memory.write32(next + index * 8, last + 3);
  }
  expect(() => duplicatePageTable(work, root, 3)).toThrow(DuplicationLimitReached);
});

test('a root entry of garbage loses its bus and no other', () => {
  const machine = new MiniMachine(onePort);
  const { memory, unit } = machine;
  const { pages, memory: owned } = machine.contextFor('iommuInit');
  memory.write64(unit.rootTable + 5 * 16, 1);
  memory.write32(unit.rootTable + 6 * 16, 0xffff_ffff);
  memory.write32(unit.rootTable + 6 * 16 + 4, 0xffff_ffff);
  const work = new Duplication(owned, pages, 1000);
  expect(duplicateRoot(work, unit.rootTable).contexts).toHaveLength(4);
  expect(work.doubts).toHaveLength(2);
});

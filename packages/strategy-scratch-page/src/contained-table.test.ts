import { MiniMachine, onePort } from '@quiesce/strategy/contract';
import { SecondLevelTable } from '@quiesce/vtd-iommu';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ContainedTable } from './contained-table.ts';
import { SinkLevels } from './sink-levels.ts';

const GIB = 2 ** 30;

function setUp(levels: number) {
  const { memory } = new MiniMachine(onePort);
  const pages = {
    allocate: (count = 1) => memory.allocate(count * 4096),
    allocateForDma: (count = 1) => memory.allocate(count * 4096),
  };
  const sinks = new SinkLevels(memory, pages);
  const contained = new ContainedTable(memory, pages, sinks, levels);
  const walk = (iova: number) => SecondLevelTable.at(contained.root, { memory, levels }).lookup(iova);
  return { memory, sinks, contained, walk };
}

test.each([3, 4, 5])('with %i levels every address is the scratch page, for a page a level', (levels) => {
  const { memory, sinks, contained, walk } = setUp(levels);
  for (const iova of [0, 0x1234, 0xffff_f000, contained.limit - 4096]) {
    expect(walk(iova)).toMatchObject({ present: true, read: true, write: true, level: 1 });
    expect(walk(iova).physical).toBe(sinks.scratchPage + (iova % 4096));
  }
  expect(memory.extraBytes).toBe((levels + 1) * 4096);
});

test('leaves are where they were put, and the window is where nothing is', () => {
  const leaf = fc.record({ page: fc.nat(0xf_ffff), to: fc.nat(0xf_ffff) });
  fc.assert(
    fc.property(fc.array(leaf, { maxLength: 12 }), fc.constantFrom(3, 4), (leaves, levels) => {
      const { sinks, contained, walk } = setUp(levels);
      const expected = new Map<number, number>();
      for (const { page, to } of leaves) {
        contained.use(page * 4096, 4096);
        contained.setLeaf(page * 4096, 1, to * 4096, { read: true, write: false });
        expected.set(page, to);
      }
      const window = contained.openWindow();
      for (const [page, to] of expected) {
        expect(walk(page * 4096)).toMatchObject({ physical: to * 4096, write: false });
        const neighbour = (page + 1) * 4096;
        const free = window !== undefined && neighbour >= window.start && neighbour < window.end;
        if (!expected.has(page + 1)) {
          expect(walk(neighbour).physical).toBe(free ? 0 : sinks.scratchPage);
        }
      }
      if (window === undefined) return;
      for (const page of expected.keys()) {
        expect(page * 4096 >= window.start && page * 4096 < window.end).toBe(false);
      }
      expect(walk(window.start).present).toBe(false);
      expect(walk(window.end - 1).present).toBe(false);
      const closed = contained.closed.reduce((sum, { start, end }) => sum + end - start, 0);
      expect(closed).toBe(4 * GIB - (window.end - window.start));
    }),
    { numRuns: 60 },
  );
});

test('where each GiB is in use, the longest gap is the window; where all is, there is none', () => {
  const { contained } = setUp(3);
  for (const start of [0, GIB + 0x20_0000, 2 * GIB + 0x4000_0000 - 4096, 3 * GIB]) contained.use(start, 4096);
  expect(contained.openWindow()).toEqual({ start: GIB + 0x40_0000, end: 3 * GIB - 0x20_0000 });

  const full = setUp(3).contained;
  full.use(0, 4 * GIB);
  expect(full.openWindow()).toBeUndefined();
});

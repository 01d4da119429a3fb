import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AddressRange, busyRanges } from './busy-ranges.ts';

const PAGE = 4096;
const LIMIT = 2 ** 32;

function pages(ranges: readonly AddressRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + (end - start) / PAGE, 0);
}

test('what is mapped is busy, and nothing else in the window', () => {
  const mapped = [{ start: 0xffff_c000, end: 0xffff_e000 }];
  expect(busyRanges(mapped, { minimumFree: 2048, windowPages: 2 ** 20 })).toEqual({
    reserved: mapped,
    takenPages: 0,
  });
  expect(busyRanges(mapped, { minimumFree: 16, windowPages: 4096 }).reserved).toEqual([
    { start: 0, end: 0xff00_0000 },
    ...mapped,
  ]);
});

test('in a full table the top is taken from whoever uses it', () => {
  const mapped = [{ start: LIMIT - 4096 * PAGE, end: LIMIT }];
  const { reserved, takenPages } = busyRanges(mapped, { minimumFree: 2048, windowPages: 4096 });
  expect(takenPages).toBe(2048);
  expect(reserved.at(-1)).toEqual({ start: LIMIT - 4096 * PAGE, end: LIMIT - 2048 * PAGE });
});

test('the minimum is free in every window that is large enough, and only the top is ever taken', () => {
  const range = fc.record({ first: fc.nat(4095), count: fc.integer({ min: 1, max: 2000 }) });
  fc.assert(
    fc.property(fc.array(range, { maxLength: 6 }), fc.nat(3000), (given, minimumFree) => {
      const windowPages = 4096;
      const start = LIMIT - windowPages * PAGE;
      // One after the other, as a table is walked.
      const mapped: AddressRange[] = [];
      let at = start;
      for (const { first, count } of given) {
        const from = at + (first % 64) * PAGE;
        const to = Math.min(from + count * PAGE, LIMIT);
        if (to > from) mapped.push({ start: from, end: to });
        at = to;
      }
      const { reserved, takenPages } = busyRanges(mapped, { minimumFree, windowPages });
      const free = windowPages - pages(reserved.filter((each) => each.start >= start));
      expect(free).toBeGreaterThanOrEqual(Math.min(minimumFree, windowPages));
      if (windowPages - pages(mapped) >= minimumFree) expect(takenPages).toBe(0);
      for (const { end } of mapped.filter((each) => each.end <= LIMIT - minimumFree * PAGE)) {
        expect(reserved.some((each) => each.end === end)).toBe(true);
      }
    }),
    { numRuns: 100 },
  );
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { IovaSpace } from './iova-space.ts';

it('hands out pages from 4 GiB downwards, as Linux does', () => {
  const space = new IovaSpace();
  expect(space.allocate(1)).toBe(0xffff_f000);
  expect(space.allocate(4096)).toBe(0xffff_e000);
  expect(space.allocate(0x1_0000)).toBe(0xfffe_e000);
});

it('never overlaps the interrupt window, a reserved range, or itself', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 0x40_0000 }), { maxLength: 60 }),
      fc.array(
        fc.record({
          start: fc.integer({ min: 0xf000, max: 0xf_fff0 }),
          pages: fc.integer({ min: 1, max: 64 }),
        }),
        {
          maxLength: 4,
        },
      ),
      (sizes, reserved) => {
        const ranges = reserved.map(({ start, pages }) => ({
          start: start * 4096,
          end: (start + pages) * 4096,
        }));
        const space = new IovaSpace(ranges);
        const taken = [{ start: 0xfee0_0000, end: 0xfef0_0000 }, ...ranges];
        for (const size of sizes) {
          const start = space.allocate(size);
          expect(start % 4096).toBe(0);
          for (const other of taken) expect(start >= other.end || start + size <= other.start).toBe(true);
          taken.push({ start, end: start + size });
        }
      },
    ),
    { numRuns: 200 },
  );
});

it('gives out nothing of a range that was reserved later', () => {
  const space = new IovaSpace();
  space.reserve({ start: 0xffff_e000, end: 0xffff_f000 });
  expect(space.allocate(4096)).toBe(0xffff_f000);
  expect(space.allocate(4096)).toBe(0xffff_d000);
});

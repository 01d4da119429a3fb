import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countOf, shortBytes, shortCount, shortTime } from './quantity.ts';

it('numbers stay short', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 2 ** 60, noNaN: true }), (value) => {
      expect(shortCount(value).length).toBeLessThanOrEqual(5);
      expect(shortBytes(Math.min(value, 2 ** 50)).length).toBeLessThanOrEqual(10);
    }),
  );
});

it.each([
  [shortCount(0), '0'],
  [shortCount(999.4), '999'],
  [shortCount(999.6), '1.0k'],
  [shortCount(1234), '1.2k'],
  [shortCount(999_999), '1.0M'],
  [shortBytes(432), '432 B'],
  [shortBytes(1023.9), '1.0 KiB'],
  [shortBytes(217_088), '212 KiB'],
  [shortTime(510), '510 ms'],
  [shortTime(999.9), '1.0 s'],
  [shortTime(8150), '8.2 s'],
  [countOf(1, 'crash', 'crashes'), '1 crash'],
  [countOf(2, 'crash', 'crashes'), '2 crashes'],
])('%s', (given, expected) => {
  expect(given).toBe(expected);
});

import { confidenceInterval } from '@quiesce/benchmark';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareAgrees } from './share.ts';

describe('the interval of a share', () => {
  it('is that of Wilson: 7 of 10', () => {
    const { low, high } = confidenceInterval(7, 10);
    expect(low).toBeCloseTo(0.3968, 4);
    expect(high).toBeCloseTo(0.8922, 4);
  });

  it('holds the share, stays within 0 and 1, and narrows as runs are added', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.nat(), (of, any) => {
        const times = any % (of + 1);
        const { low, high } = confidenceInterval(times, of);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(times / of);
        expect(high).toBeGreaterThanOrEqual(times / of);
        const more = confidenceInterval(times * 4, of * 4);
        expect(more.high - more.low).toBeLessThan(high - low);
      }),
    );
  });
});

describe('what was said of how often', () => {
  it.each([
    ['always', 10, true],
    ['always', 9, false],
    ['never', 0, true],
    ['never', 1, false],
    ['sometimes', 0, false],
    ['sometimes', 1, true],
    ['sometimes', 10, false],
  ] as const)('%s, %i of 10: %s', (share, held, agrees) => {
    expect(shareAgrees(share, held, 10)).toBe(agrees);
  });

  it('a count: the predicted share lies in its interval', () => {
    const reported = { times: 3, of: 10 };
    expect(shareAgrees(reported, 300, 1000)).toBe(true);
    expect(shareAgrees(reported, 700, 1000)).toBe(false);
    expect(shareAgrees({ times: 1, of: 1 }, 1, 10)).toBe(false);
    expect(shareAgrees({ times: 1, of: 1 }, 5, 10)).toBe(true);
  });
});

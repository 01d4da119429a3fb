import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calloutRows } from './callout-rows.ts';

describe('rows of callouts', () => {
  it('stay in one row where there is room', () => {
    expect(
      calloutRows([
        { x: 0, width: 50 },
        { x: 100, width: 50 },
      ]),
    ).toEqual([0, 0]);
  });

  it('go down where there is none, the leftmost the farthest', () => {
    const near = [0, 5, 10].map((x) => ({ x, width: 50 }));
    expect(calloutRows(near)).toEqual([2, 1, 0]);
  });

  it('never let a text meet another, nor a leader cross a text', () => {
    const callout = fc.record({
      x: fc.integer({ min: 0, max: 900 }),
      width: fc.integer({ min: 1, max: 300 }),
    });
    fc.assert(
      fc.property(fc.array(callout, { maxLength: 30 }), (callouts) => {
        const rows = calloutRows(callouts);
        for (const [a, one] of callouts.entries()) {
          for (const [b, other] of callouts.entries()) {
            if (a === b || one.x > other.x) continue;
            const through = (rows[a] as number) <= (rows[b] as number);
            // Leaders at the same place hang in one line.
            if (one.x === other.x) expect(rows[a]).not.toBe(rows[b]);
            else if (through) expect(one.x + one.width).toBeLessThan(other.x);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});

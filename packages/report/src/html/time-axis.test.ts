import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeAxis } from './time-axis.ts';

describe('a time axis', () => {
  it('is linear, with round ticks', () => {
    const axis = timeAxis([0, 250, 1000], 100, 500, 80);
    expect([0, 250, 500, 1000].map(axis.at)).toEqual([100, 225, 350, 600]);
    expect(axis.ticks).toEqual([0, 200, 400, 600, 800, 1000]);
    expect(axis.cuts).toEqual([]);
  });

  it('cuts hours of silence, and keeps the order', () => {
    const times = [0, 500, 1200, 3000, 86_400_000, 86_401_000];
    const axis = timeAxis(times, 0, 800, 80);
    expect(axis.cuts).toEqual([{ startMs: 3000, endMs: 86_400_000, cut: true }]);
    expect(axis.at(3000)).toBeCloseTo(543, 0);
    expect(axis.at(86_400_000) - axis.at(3000)).toBeCloseTo(76, 0);
    expect(axis.at(86_401_000)).toBe(800);
  });

  it('never runs backwards, whatever the times', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { maxLength: 20 }), (times) => {
        const axis = timeAxis(times, 150, 800, 80);
        const places = times
          .filter(Number.isFinite)
          .sort((a, b) => a - b)
          .map(axis.at);
        for (const [index, x] of places.entries()) {
          expect(x).toBeGreaterThanOrEqual(places[index - 1] ?? 150);
          expect(x).toBeLessThanOrEqual(950);
        }
        for (const [index, tick] of axis.ticks.slice(1).entries()) {
          expect(axis.at(tick) - axis.at(axis.ticks[index] as number)).toBeGreaterThan(79);
        }
      }),
    );
  });
});

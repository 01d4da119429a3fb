import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TimelineLane } from '../document.ts';
import { textWidth } from '../text/text-width.ts';
import { layOutTimeline, TIMELINE } from './timeline-layout.ts';

const label = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 60 });
const time = fc.oneof(fc.double({ min: 0, max: 1e5, noNaN: true }), fc.double());
const lane: fc.Arbitrary<TimelineLane> = fc.record({
  name: label,
  spans: fc.array(fc.record({ startMs: time, endMs: time, label }), { maxLength: 12 }),
  marks: fc.array(fc.record({ atMs: time, label, count: fc.integer({ min: 1, max: 5000 }) }), {
    maxLength: 60,
  }),
});

describe('the layout of a time line', () => {
  it('puts texts into their spans where they fit, and below them otherwise', () => {
    const spans = [
      { startMs: 0, endMs: 5, label: 'crash' },
      { startMs: 5, endMs: 1000, label: 'purgatory' },
    ];
    const { lanes, axis } = layOutTimeline([{ name: 'kernel', spans, marks: [] }]);
    expect(lanes[0]?.spans.map(({ text }) => text)).toEqual(['', 'purgatory']);
    expect(lanes[0]?.callouts.map(({ text, row }) => [text, row])).toEqual([['crash', 0]]);
    expect(axis.ticks).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
  });

  it('draws marks that would lie on each other once', () => {
    const marks = [1, 1.5, 2, 500, 800].map((atMs) => ({ atMs, label: 'refused' }));
    const { lanes } = layOutTimeline([{ name: 'faults', spans: [], marks }]);
    expect(lanes[0]?.callouts.map(({ text, tooltip }) => [text, tooltip])).toEqual([
      ['◆ refused × 3', '1 to 2 ms: refused × 3'],
      ['◆ refused', '500 ms: refused'],
      ['◆ refused', '800 ms: refused'],
    ]);
  });

  it('keeps texts apart and on the picture, whatever the times', () => {
    fc.assert(
      fc.property(fc.array(lane, { maxLength: 4 }), (lanes) => {
        const layout = layOutTimeline(lanes);
        expect(layout.axis.ticks.length).toBeLessThan(30);
        for (const { spans, callouts, y, height } of layout.lanes) {
          for (const { x, width, text } of spans) {
            expect(Number.isFinite(x + width)).toBe(true);
            expect(textWidth(text) * TIMELINE.character).toBeLessThanOrEqual(width);
          }
          const rows = new Map<number, number>();
          for (const { x, row, text } of callouts) {
            expect(x).toBeGreaterThanOrEqual(TIMELINE.gutter);
            if (row === undefined) continue;
            expect(x).toBeGreaterThanOrEqual(rows.get(row) ?? 0);
            rows.set(row, x + textWidth(text) * TIMELINE.character);
            expect(TIMELINE.bar + (row + 1) * TIMELINE.row).toBeLessThanOrEqual(height);
            expect(x + textWidth(text) * TIMELINE.character).toBeLessThanOrEqual(TIMELINE.width);
          }
          expect(y + height).toBeLessThan(layout.height);
        }
      }),
      { numRuns: 150 },
    );
  });
});

import type { TimelineLane } from '../document.ts';
import { timelineTable } from '../timeline/timeline-table.ts';
import { htmlTable } from './html-table.ts';
import { type Content, element, type Markup } from './markup.ts';
import { layOutTimeline, type PlacedLane, TIMELINE, type TimelineLayout } from './timeline-layout.ts';

/** A time line as a picture, with a table below that tells the same. */
export function timelineDrawing(lanes: readonly TimelineLane[], place: string): Markup {
  const { columns, rows } = timelineTable(lanes);
  if (rows.length === 0) return element('p', { class: 'empty' }, 'Nothing happened.');
  const layout = layOutTimeline(lanes);
  const picture = element(
    'svg',
    {
      class: 'timeline',
      role: 'img',
      'aria-labelledby': `${place}-name`,
      width: TIMELINE.width,
      height: layout.height,
      viewBox: `0 0 ${TIMELINE.width} ${layout.height}`,
    },
    element(
      'title',
      { id: `${place}-name` },
      `Time line with ${lanes.length} lanes; the table below tells the same`,
    ),
    axisLines(layout),
    layout.lanes.map((lane) => laneDrawing(lane, layout.axis.right)),
  );
  return element(
    'figure',
    { class: 'drawing' },
    element('div', { class: 'scroll', role: 'group', 'aria-label': 'Time line', tabindex: 0 }, picture),
    element(
      'details',
      { class: 'list' },
      element('summary', {}, 'The same as a table'),
      htmlTable(columns, rows),
    ),
  );
}

function axisLines({ axis, height }: TimelineLayout): Content {
  const bottom = height - 22;
  const steps = axis.ticks.slice(1).map((ms, index) => ms - (axis.ticks[index] as number));
  const step = steps.reduce((least, one) => Math.min(least, one), steps[0] ?? 1);
  const ticks = axis.ticks.map((ms) => {
    const x = axis.at(ms);
    return [
      element('path', { class: 'grid', d: `M${x} 0V${bottom}` }),
      element('text', { class: 'tick', x, y: bottom + 15 }, timeWords(ms, step)),
    ];
  });
  const cuts = axis.cuts.map(({ startMs, endMs }) => {
    const x = axis.at(startMs);
    const width = Math.round((axis.at(endMs) - x) * 10) / 10;
    return [
      element('rect', { class: 'cut', x, y: 0, width, height: bottom }),
      element(
        'text',
        { class: 'tick', x: x + width / 2, y: bottom + 15 },
        `⋯ ${timeWords(endMs - startMs, (endMs - startMs) / 9)} ⋯`,
      ),
    ];
  });
  return [ticks, cuts];
}

/** Milliseconds, or the unit in which as many of them can be grasped; times that are `step` apart read differently. */
function timeWords(ms: number, step: number): string {
  const [size, unit] = step >= 3_600_000 ? [3_600_000, 'h'] : ms < 20_000 ? [1, 'ms'] : [1000, 's'];
  const decimals = Math.min(6, Math.max(0, Math.ceil(-Math.log10(step / size) - 1e-9)));
  const [whole = '', fraction] = (ms / size).toFixed(decimals).split('.');
  return `${whole.replace(/\B(?=(?:\d{3})+$)/g, ',')}${fraction === undefined ? '' : `.${fraction}`} ${unit}`;
}

function laneDrawing({ name, wholeName, y, spans, callouts }: PlacedLane, end: number): Content {
  const { bar, row, gutter } = TIMELINE;
  return [
    element('path', { class: 'lane', d: `M${gutter} ${y + bar}H${end}` }),
    element('text', { class: 'lane', x: gutter - 10, y: y + 15 }, element('title', {}, wholeName), name),
    spans.map((span) =>
      element(
        'g',
        { class: `span ${span.severity ?? 'plain'}` },
        element('title', {}, span.tooltip),
        element('rect', { x: span.x, y, width: span.width, height: bar, rx: 2 }),
        span.text === '' ? undefined : element('text', { x: span.x + 5, y: y + 15 }, span.text),
      ),
    ),
    callouts.map((one) => {
      const baseline = y + bar + ((one.row ?? 0) + 1) * row - 4;
      return element(
        'g',
        { class: `callout ${one.severity ?? 'plain'}` },
        element('title', {}, one.tooltip),
        element('path', {
          d: `M${one.x} ${one.mark ? y + 4 : y + bar}V${one.row === undefined ? y + bar : baseline + 2}`,
        }),
        one.row === undefined ? undefined : element('text', { x: one.x + 4, y: baseline }, one.text),
      );
    }),
  ];
}

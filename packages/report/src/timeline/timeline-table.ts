import type { TableCell, TableColumn, TimelineLane } from '../document.ts';
import { readableNumber } from '../text/readable-number.ts';

/** Lanes with spans that get a column of their own; spans of others are told among the events. */
const MOST_COLUMNS = 4;

/** A time line told as a table. */
export interface TimelineTable {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly TableCell[])[];
}

/** What stands in one row: spans of one stretch of time, by lane, and what happened at its beginning. */
interface Stretch {
  readonly startMs: number;
  /** Undefined where nothing but events begins. */
  readonly endMs: number | undefined;
  readonly spans: Map<TimelineLane, TableCell>;
  readonly events: TableCell[];
}

/**
 * A row for each stretch of time, in the order in which they begin, longer ones first; lanes that have spans stand beside
 * each other, and events behind the stretch that begins with them, one a row.
 */
export function timelineTable(lanes: readonly TimelineLane[]): TimelineTable {
  const beside = lanes.filter(({ spans }) => spans.length > 0).slice(0, MOST_COLUMNS);
  const stretches = stretchesOf(lanes, beside);
  const hasEvents = stretches.some(({ events }) => events.length > 0);
  const columns: TableColumn[] = [
    { name: 'from ms', align: 'right' },
    { name: 'to ms', align: 'right', rank: 1 },
    ...beside.map(({ name }) => ({ name })),
    ...(hasEvents ? [{ name: 'events' }] : []),
  ];
  const rows = stretches.flatMap(({ startMs, endMs, spans, events }) =>
    Array.from({ length: Math.max(1, events.length) }, (_, at): TableCell[] => [
      at === 0 ? readableNumber(startMs) : '',
      at === 0 && endMs !== undefined ? readableNumber(endMs) : '',
      ...beside.map((lane) => (at === 0 ? (spans.get(lane) ?? '') : '')),
      ...(hasEvents ? [events[at] ?? ''] : []),
    ]),
  );
  return { columns, rows };
}

function stretchesOf(lanes: readonly TimelineLane[], beside: readonly TimelineLane[]): Stretch[] {
  const stretches = new Map<string, Stretch>();
  const at = (startMs: number, endMs: number | undefined): Stretch => {
    const key = `${startMs} ${endMs}`;
    const known = stretches.get(key);
    if (known !== undefined) return known;
    const made: Stretch = { startMs, endMs, spans: new Map(), events: [] };
    stretches.set(key, made);
    return made;
  };
  for (const lane of lanes) {
    for (const { startMs, endMs, label, severity } of lane.spans) {
      const stretch = at(startMs, endMs);
      if (beside.includes(lane) && !stretch.spans.has(lane)) {
        stretch.spans.set(lane, cell(label, severity));
      } else stretch.events.push(cell(`${lane.name}: ${label}`, severity));
    }
  }
  const longestFrom = new Map<number, Stretch>();
  for (const stretch of inOrder([...stretches.values()]).reverse()) longestFrom.set(stretch.startMs, stretch);
  for (const { name, marks } of lanes) {
    for (const { atMs, label, details, severity, count = 1 } of marks) {
      const what = details === undefined ? label : `${label}: ${details}`;
      const times = count === 1 ? '' : ` (${readableNumber(count)} times)`;
      const stretch = longestFrom.get(atMs) ?? at(atMs, undefined);
      stretch.events.push(cell(`${name}: ${what}${times}`, severity));
    }
  }
  return inOrder([...stretches.values()]);
}

function inOrder(stretches: Stretch[]): Stretch[] {
  const end = ({ startMs, endMs }: Stretch): number => endMs ?? startMs;
  return stretches.sort((a, b) => a.startMs - b.startMs || end(b) - end(a));
}

function cell(text: string, severity: Exclude<TableCell, string>['severity'] | undefined): TableCell {
  return severity === undefined ? text : { text, severity };
}

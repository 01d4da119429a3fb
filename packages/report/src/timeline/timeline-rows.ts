import type { Severity, TimelineLane } from '../document.ts';

/** A span or a mark of a time line, as a row of a table. */
export interface TimelineRow {
  readonly startMs: number;
  /** Undefined of marks. */
  readonly endMs?: number;
  readonly lane: string;
  readonly label: string;
  readonly count: number;
  readonly severity: Severity | undefined;
}

/** Everything on a time line in the order in which it began; longer spans first. */
export function timelineRows(lanes: readonly TimelineLane[]): TimelineRow[] {
  return lanes
    .flatMap(({ name, spans, marks }): TimelineRow[] => [
      ...spans.map(({ startMs, endMs, label, severity }) => ({
        startMs,
        endMs,
        lane: name,
        label,
        count: 1,
        severity,
      })),
      ...marks.map(({ atMs, label, severity, count = 1 }) => ({
        startMs: atMs,
        lane: name,
        label,
        count,
        severity,
      })),
    ])
    .sort((a, b) => a.startMs - b.startMs || (b.endMs ?? b.startMs) - (a.endMs ?? a.startMs));
}

/** Milliseconds, without digits that say nothing: `0.25`, `12.5`, `1,234`. */
export function milliseconds(value: number): string {
  if (!Number.isFinite(value)) return '?';
  const size = Math.abs(value);
  const rounded = size < 1 ? value.toFixed(3) : size < 100 ? value.toFixed(1) : value.toFixed(0);
  const [whole, fraction] = rounded.split('.') as [string, string | undefined];
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  const digits = fraction?.replace(/0+$/, '') ?? '';
  return digits === '' ? grouped : `${grouped}.${digits}`;
}

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
      ...marks.map(({ atMs, label, details, severity, count = 1 }) => ({
        startMs: atMs,
        lane: name,
        label: details === undefined ? label : `${label}: ${details}`,
        count,
        severity,
      })),
    ])
    .sort((a, b) => a.startMs - b.startMs || (b.endMs ?? b.startMs) - (a.endMs ?? a.startMs));
}

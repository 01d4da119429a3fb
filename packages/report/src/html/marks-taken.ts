import type { Severity, TimelineLane } from '../document.ts';

/** Marks that say the same, as one. */
export interface TakenMark {
  readonly atMs: number;
  readonly lastMs: number;
  readonly label: string;
  /** Of the first. */
  readonly details: string | undefined;
  readonly severity: Severity | undefined;
  readonly count: number;
}

/** Pixels: what is nearer than this cannot be told apart. */
const APART = 7;

/**
 * Marks with the same label and severity that would lie on each other are counted together. Those without a time are
 * left out. `at` gives the place of a time, in pixels.
 */
export function marksTaken(marks: TimelineLane['marks'], at: (ms: number) => number): TakenMark[] {
  type Growing = { -readonly [Key in keyof TakenMark]: TakenMark[Key] };
  const latest = new Map<string, Growing>();
  const taken: Growing[] = [];
  const inOrder = marks.filter(({ atMs }) => Number.isFinite(atMs)).sort((a, b) => a.atMs - b.atMs);
  for (const { atMs, label, details, severity, count = 1 } of inOrder) {
    const key = `${severity} ${label}`;
    const before = latest.get(key);
    if (before !== undefined && at(atMs) - at(before.lastMs) < APART) {
      before.lastMs = atMs;
      before.count += count;
    } else {
      const one = { atMs, lastMs: atMs, label, details, severity, count };
      latest.set(key, one);
      taken.push(one);
    }
  }
  return taken;
}

import type { Severity, TimelineLane } from '../document.ts';

/** Marks that say the same, as one. */
export interface TakenMark {
  readonly atMs: number;
  readonly lastMs: number;
  readonly label: string;
  readonly severity: Severity | undefined;
  readonly count: number;
}

/** Share of a whole time line: what is nearer than this cannot be told apart on a picture. */
const APART = 1 / 120;

/** Marks with the same label and severity that would lie on each other are counted together. Those without a time are left out. */
export function marksTaken(marks: TimelineLane['marks'], lengthMs: number): TakenMark[] {
  const open = new Map<
    string,
    { atMs: number; lastMs: number; label: string; severity: Severity | undefined; count: number }
  >();
  const taken: TakenMark[] = [];
  const inOrder = marks.filter(({ atMs }) => Number.isFinite(atMs)).sort((a, b) => a.atMs - b.atMs);
  for (const { atMs, label, severity, count = 1 } of inOrder) {
    const key = `${severity} ${label}`;
    const before = open.get(key);
    if (before !== undefined && atMs - before.lastMs < lengthMs * APART) {
      before.lastMs = atMs;
      before.count += count;
    } else {
      const one = { atMs, lastMs: atMs, label, severity, count };
      open.set(key, one);
      taken.push(one);
    }
  }
  return taken;
}

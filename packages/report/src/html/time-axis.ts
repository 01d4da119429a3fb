/** Where on a drawing a time stands. */
export interface TimeAxis {
  /** Pixels from the left edge of the drawing. */
  readonly at: (ms: number) => number;
  /** Last pixel. */
  readonly right: number;
  /** Round times with room for their names. */
  readonly ticks: readonly number[];
  /** Long stretches in which nothing begins or ends, drawn shorter than they are. */
  readonly cuts: readonly AxisCut[];
}

/** A stretch of time that is drawn with a fixed size. */
export interface AxisCut {
  readonly startMs: number;
  readonly endMs: number;
}

interface Stretch extends AxisCut {
  readonly cut: boolean;
}

/** Pixels of a stretch that is cut. */
const CUT_SIZE = 76;

/** A stretch without events is cut if all others together are shorter than this share of it. */
const CUT_FROM = 0.25;

const MOST_CUTS = 3;

/**
 * An axis over the times of all events, from `left` over `size` pixels: linear, except where hours of silence would leave
 * no room for what happened before and after them. Ticks are `apart` pixels from each other, or more.
 */
export function timeAxis(times: readonly number[], left: number, size: number, apart: number): TimeAxis {
  const stretches = stretchesOf(times);
  const cuts = stretches.filter(({ cut }) => cut);
  const linear = stretches.reduce((sum, one) => sum + (one.cut ? 0 : one.endMs - one.startMs), 0) || 1;
  const perMs = (size - cuts.length * CUT_SIZE) / linear;
  const placed: (Stretch & { readonly x: number; readonly perMs: number })[] = [];
  let x = left;
  for (const one of stretches) {
    const scale = one.cut ? CUT_SIZE / (one.endMs - one.startMs) : perMs;
    placed.push({ ...one, x, perMs: scale });
    x += (one.endMs - one.startMs) * scale;
  }
  const right = left + size;
  const at = (ms: number): number => {
    const one = placed.findLast(({ startMs }) => ms >= startMs) ?? placed[0];
    if (one === undefined) return left;
    const exact = one.x + (Math.min(ms, one.endMs) - one.startMs) * one.perMs;
    return Math.round(Math.min(right, Math.max(left, exact)) * 10) / 10;
  };
  const ticks: number[] = [];
  let free = Number.NEGATIVE_INFINITY;
  for (const one of placed) {
    if (one.cut) free = at(one.endMs) + apart / 3;
    else {
      const end = at(one.endMs) + (one === placed.at(-1) ? apart : 0);
      for (const ms of roundTimes(one.startMs, one.endMs, apart / perMs)) {
        if (at(ms) < free || at(ms) + apart / 3 > end) continue;
        ticks.push(ms);
        free = at(ms) + apart;
      }
    }
  }
  return { at, right, ticks, cuts };
}

/** Parts between which the scale may change. */
function stretchesOf(times: readonly number[]): Stretch[] {
  const points = [...new Set(times.filter(Number.isFinite))].sort((a, b) => a - b);
  const gaps = points.slice(1).map((endMs, index) => ({ startMs: points[index] as number, endMs }));
  const start = points[0] ?? 0;
  const end = points.at(-1) ?? start;
  const cuts = new Set<AxisCut>();
  let rest = end - start;
  for (const gap of [...gaps]
    .sort((a, b) => b.endMs - b.startMs - (a.endMs - a.startMs))
    .slice(0, MOST_CUTS)) {
    const length = gap.endMs - gap.startMs;
    if (gaps.length < 3 || rest - length <= 0 || rest - length > length * CUT_FROM) break;
    cuts.add(gap);
    rest -= length;
  }
  const stretches: Stretch[] = [];
  let from = start;
  for (const gap of gaps) {
    if (!cuts.has(gap)) continue;
    if (gap.startMs > from) stretches.push({ startMs: from, endMs: gap.startMs, cut: false });
    stretches.push({ ...gap, cut: true });
    from = gap.endMs;
  }
  if (end > from || stretches.length === 0) {
    stretches.push({ startMs: from, endMs: Math.max(end, from + (end > from ? 0 : 1)), cut: false });
  }
  return stretches;
}

/** Multiples of a round step that is not below `least`. */
function roundTimes(startMs: number, endMs: number, least: number): number[] {
  const power = 10 ** Math.floor(Math.log10(least));
  const step = ([1, 2, 5].find((digit) => digit * power >= least) ?? 10) * power;
  const first = Math.ceil(startMs / step);
  const count = Math.floor(endMs / step) - first + 1;
  return Array.from(
    { length: Math.min(1000, Math.max(0, count || 0)) },
    (_, index) => (first + index) * step,
  );
}

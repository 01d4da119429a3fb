/** A text that hangs below a place of a drawing, to the right of its leader. */
export interface Callout {
  readonly x: number;
  readonly width: number;
}

/** Between the end of one text and the next leader. */
const SPACE = 10;

/**
 * The row of each callout, 0 nearest, so that no text meets another, and no leader crosses a text. From right to left:
 * a text may stand in a row if all leaders that come down through it, or end in it, are to the right of its end.
 */
export function calloutRows(callouts: readonly Callout[]): number[] {
  const order = callouts
    .map((_, index) => index)
    .sort((a, b) => (callouts[b]?.x ?? 0) - (callouts[a]?.x ?? 0) || b - a);
  const rows = callouts.map(() => 0);
  /** Leftmost leader in each row, or below it. */
  const free: number[] = [];
  for (const index of order) {
    const { x, width } = callouts[index] as Callout;
    let row = free.findIndex((leftmost) => x + width + SPACE <= leftmost);
    if (row < 0) row = free.length;
    rows[index] = row;
    for (let above = 0; above <= row; above++) free[above] = Math.min(free[above] ?? x, x);
  }
  return rows;
}

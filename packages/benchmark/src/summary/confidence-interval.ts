/** Bounds of a share, 0 to 1. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The 97.5 % quantile of the normal distribution: both tails together are 5 %. */
const Z = 1.959963984540054;

/** The 95 % score interval of a share that was seen `times` in `of` runs (Wilson 1927). */
export function confidenceInterval(times: number, of: number): Interval {
  const share = times / of;
  const z2 = (Z * Z) / of;
  const centre = (share + z2 / 2) / (1 + z2);
  const half = (Z / (1 + z2)) * Math.sqrt((share * (1 - share)) / of + z2 / (4 * of));
  return {
    low: times === 0 ? 0 : Math.max(0, centre - half),
    high: times === of ? 1 : Math.min(1, centre + half),
  };
}

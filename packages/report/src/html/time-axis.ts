/** Where on a drawing a time stands. */
export interface TimeAxis {
  readonly startMs: number;
  readonly endMs: number;
  /** Pixels from the left edge of the drawing. */
  readonly at: (ms: number) => number;
  /** Round times, at least `apart` pixels from each other. */
  readonly ticks: readonly number[];
}

/** A linear axis from `left` over `size` pixels, `apart` of them or more between two ticks. */
export function timeAxis(
  startMs: number,
  endMs: number,
  left: number,
  size: number,
  apart: number,
): TimeAxis {
  const span = endMs > startMs ? endMs - startMs : 1;
  const step = roundStep((span * apart) / size);
  const first = Math.ceil(startMs / step);
  const count = Math.floor((startMs + span) / step) - first + 1;
  const ticks = Array.from({ length: Math.max(0, count) }, (_, index) => (first + index) * step);
  const at = (ms: number): number => {
    const share = Math.min(1, Math.max(0, (ms - startMs) / span || 0));
    return Math.round((left + share * size) * 10) / 10;
  };
  return { startMs, endMs: startMs + span, at, ticks };
}

/** The least of 1, 2, 5, 10, … times a power of ten that is not below `least`. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((digit) => digit * power >= least) ?? 10) * power;
}

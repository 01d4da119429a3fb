/** Virtual time or a duration: an integer of nanoseconds below 2^53 (104 days). */
export type Nanoseconds = number;

/** Nanoseconds in a microsecond. */
export const microsecond: Nanoseconds = 1_000;
/** Nanoseconds in a millisecond. */
export const millisecond: Nanoseconds = 1_000_000;
/** Nanoseconds in a second. */
export const second: Nanoseconds = 1_000_000_000;

/** `ms` may have a fraction; the result is rounded to whole nanoseconds. */
export function milliseconds(ms: number): Nanoseconds {
  return Math.round(ms * millisecond);
}

/** `us` may have a fraction; the result is rounded to whole nanoseconds. */
export function microseconds(us: number): Nanoseconds {
  return Math.round(us * microsecond);
}

/** `[    1.503892]`-style seconds with six decimals, as a kernel log prints them. */
export function formatSeconds(time: Nanoseconds): string {
  const whole = Math.floor(time / second);
  const micros = Math.floor((time % second) / microsecond);
  return `${whole}.${String(micros).padStart(6, '0')}`;
}

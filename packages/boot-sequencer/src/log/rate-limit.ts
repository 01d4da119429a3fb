import { type Nanoseconds, second } from '@quiesce/simulation';

/** `printk_ratelimit`: at most `burst` lines in `interval`; what is left out is counted. */
export class RateLimit {
  readonly #interval: Nanoseconds;
  readonly #burst: number;
  #begin: Nanoseconds = Number.NEGATIVE_INFINITY;
  #printed = 0;
  #missed = 0;

  constructor(burst = 10, interval: Nanoseconds = 5 * second) {
    this.#burst = burst;
    this.#interval = interval;
  }

  /** True if a line may be printed now. `report` is given the number of lines suppressed in an interval that ended. */
  allows(now: Nanoseconds, report: (suppressed: number) => void): boolean {
    if (now - this.#begin > this.#interval) {
      if (this.#missed > 0) report(this.#missed);
      this.#begin = now;
      this.#printed = 0;
      this.#missed = 0;
    }
    if (this.#printed < this.#burst) {
      this.#printed++;
      return true;
    }
    this.#missed++;
    return false;
  }
}

import { type Phase, StrategyViolation } from '@quiesce/strategy';

/** How much one strategy may do in one run. */
export interface StrategyLimits {
  /** Accesses to config space, registers and memory. */
  readonly accesses: number;
  /** Milliseconds of waiting, in all hooks together. */
  readonly waitMs: number;
}

/** Far above what scanning and saving all of config space takes: only a loop gets there. */
export const defaultLimits: StrategyLimits = { accesses: 20_000_000, waitMs: 600_000 };

/** Counts what a strategy does; beyond its limits it is in a loop. */
export class Budget {
  readonly #limits: StrategyLimits;
  #accesses = 0;
  #waitMs = 0;

  constructor(limits: StrategyLimits) {
    this.#limits = limits;
  }

  /** Milliseconds waited so far. */
  get waitedMs(): number {
    return this.#waitMs;
  }

  /** @throws StrategyViolation `BUDGET_EXHAUSTED` */
  access(phase: Phase): void {
    if (++this.#accesses > this.#limits.accesses) {
      throw new StrategyViolation(
        'BUDGET_EXHAUSTED',
        phase,
        `more than ${this.#limits.accesses} accesses in one run`,
      );
    }
  }

  /** @throws StrategyViolation `BUDGET_EXHAUSTED`, also for a time that is no number */
  wait(phase: Phase, ms: number): void {
    if (!(ms >= 0)) {
      throw new StrategyViolation('BUDGET_EXHAUSTED', phase, `cannot wait for ${ms} ms`);
    }
    this.#waitMs += ms;
    if (this.#waitMs > this.#limits.waitMs) {
      throw new StrategyViolation(
        'BUDGET_EXHAUSTED',
        phase,
        `waits for more than ${this.#limits.waitMs} ms in one run`,
      );
    }
  }
}

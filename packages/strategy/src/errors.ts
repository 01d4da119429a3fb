import type { Phase } from './phases.ts';

/** A plugin did what its contract forbids. It is that plugin's failure, not the run's. */
export class StrategyViolation extends Error {
  /**
   * `SERVICE_NOT_AVAILABLE` a service used in a phase that lacks it; `MEMORY_NOT_OWNED` a write outside of its
   * own pages; `BUDGET_EXHAUSTED` too many accesses or too long a delay; `CONFIG_ACCESS` an access that the
   * hardware path cannot make.
   */
  readonly code: 'SERVICE_NOT_AVAILABLE' | 'MEMORY_NOT_OWNED' | 'BUDGET_EXHAUSTED' | 'CONFIG_ACCESS';
  readonly phase: Phase;

  constructor(code: StrategyViolation['code'], phase: Phase, message: string) {
    super(message);
    this.name = 'StrategyViolation';
    this.code = code;
    this.phase = phase;
  }
}

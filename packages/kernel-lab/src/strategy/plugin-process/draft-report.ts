import { type HookName, type Phase, StrategyViolation } from '@quiesce/strategy';
import { emptyReport, type HookReport } from '../hook-report.ts';
import { stopFor } from '../hook-stops.ts';

/** A report without the lines, which leave this process one by one. */
export type ProcessReport = Omit<HookReport, 'lines'>;

/** A report while its hook runs. */
export interface DraftReport extends ProcessReport {
  readonly accesses: { config: number; registers: number; memory: number };
  violations: StrategyViolation[];
  failure: ProcessReport['failure'];
  waitedMs: number;
  allocatedBytes: number;
  readonly notOffered: string[];
  ranKernel: boolean;
  readonly scheduled: { readonly id: number; readonly ms: number }[];
}

/** The phase that a hook's context names; of the two error hooks, the one in which they mostly run. */
export function phaseOf(hook: HookName): Phase {
  return stopFor(hook)?.phase ?? 'device_initcalls';
}

export function newDraft(hook: HookName): DraftReport {
  const { lines: _, ...report } = emptyReport(hook);
  return {
    ...report,
    accesses: { config: 0, registers: 0, memory: 0 },
    violations: [],
    notOffered: [],
    scheduled: [],
  };
}

/** Notes what a hook threw. */
export function noteFailure(draft: DraftReport, error: unknown): void {
  const code = error instanceof StrategyViolation ? error.code : 'THREW';
  const message = error instanceof Error ? error.message : String(error);
  draft.failure = { code, message, phase: phaseOf(draft.hook) };
}

/** The report, as plain data. */
export function finished(draft: DraftReport): ProcessReport {
  const violations = draft.violations.map(({ code, phase, message }) => ({ code, phase, message }));
  return { ...draft, violations };
}

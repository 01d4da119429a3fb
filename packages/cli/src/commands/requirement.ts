import type { Comparison } from '@quiesce/benchmark';
import type { Outcome } from '@quiesce/boot-sequencer';

/** Properties that `--require` can ask of every run. */
export const requirements: Readonly<Record<string, (outcome: Outcome) => boolean>> = {
  'dump-saved': (outcome) => outcome.dump !== 'lost',
  'dump-true': (outcome) => outcome.dump === 'saved',
  'no-dma-faults': (outcome) => outcome.dmaFaults.total === 0,
  'no-interrupt-faults': (outcome) => outcome.interruptFaults.total === 0,
  'no-system-errors': (outcome) => outcome.systemErrors === 0,
  'no-corruption': (outcome) => outcome.corruption.length === 0,
  'devices-working': (outcome) =>
    Object.values(outcome.devices).every((verdict) => verdict === 'working' || verdict === 'no-driver'),
  'display-kept': (outcome) => outcome.display !== 'lost',
};

/** One line for each strategy and kernel that violates a property; empty if all hold. */
export function violations(comparison: Comparison, required: readonly string[]): string[] {
  const lines = new Map<string, number>();
  for (const run of comparison.runs) {
    for (const name of required) {
      const holds = run.outcome !== null && requirements[name]?.(run.outcome) === true;
      if (holds) continue;
      const line = `${run.strategy} on ${run.kernel}: ${name}`;
      lines.set(line, (lines.get(line) ?? 0) + 1);
    }
  }
  return [...lines].map(([line, count]) => `${line} violated in ${count} ${count === 1 ? 'run' : 'runs'}`);
}

import { confidenceInterval } from '@quiesce/benchmark';
import type { CaseKernel, RecordCase, Statement } from '../case/record-case.ts';
import { shareAgrees } from '../statement/share.ts';
import type { ReplayedCase, ReplayedCounterfactual, ReplayedStatement, Verdict } from './replay-result.ts';
import type { SeedTallies, Tally } from './run-seeds.ts';

/** Tallies of several tasks of one arm as one. */
export function added(parts: readonly SeedTallies[]): SeedTallies {
  const sum = (lists: readonly (readonly Tally[])[]): Tally[] =>
    (lists[0] ?? []).map(({ example }, index) => ({
      held: lists.reduce((total, list) => total + (list[index] as Tally).held, 0),
      example,
    }));
  return {
    runs: parts.reduce((total, part) => total + part.runs, 0),
    observed: sum(parts.map((part) => part.observed)),
    instead: sum(parts.map((part) => part.instead)),
    strategyFailures: parts.reduce((total, part) => total + part.strategyFailures, 0),
  };
}

/** Sets what a case says beside what came out. `without` are the runs with its cause taken away. */
export function judge(one: RecordCase, runs: SeedTallies, without: SeedTallies | undefined): ReplayedCase {
  const statements = replayed(one.observed, runs.observed, runs.runs);
  const agrees = statements.every((each) => each.agrees) && runs.strategyFailures === 0;
  let verdict: Verdict = agrees ? 'agrees' : 'disagrees';
  if (one.unexplained !== undefined) verdict = 'unexplained';
  return {
    ...aboutCase(one),
    verdict,
    reason: one.unexplained ?? (runs.strategyFailures > 0 ? 'the strategy failed' : null),
    statements,
    counterfactual: without === undefined ? null : judgeCounterfactual(one, without),
  };
}

function judgeCounterfactual(one: RecordCase, without: SeedTallies): ReplayedCounterfactual | null {
  if (one.counterfactual === undefined) return null;
  const own = replayed(one.observed, without.observed, without.runs);
  const statements = replayed(one.counterfactual.instead, without.instead, without.runs);
  const failing = own.find((each) => !each.agrees)?.says ?? null;
  return {
    cause: one.counterfactual.cause,
    flips: failing !== null && statements.every((each) => each.agrees) && without.strategyFailures === 0,
    failing,
    statements,
  };
}

/** A case that could not be run. */
export function failedCase(one: RecordCase, reason: string): ReplayedCase {
  return { ...aboutCase(one), verdict: 'failed', reason, statements: [], counterfactual: null };
}

function aboutCase(
  one: RecordCase,
): Omit<ReplayedCase, 'verdict' | 'reason' | 'statements' | 'counterfactual'> {
  const first = one.firstKernel === undefined ? [] : [kernelName(one.firstKernel)];
  return {
    id: one.id,
    title: one.title,
    group: one.group,
    date: one.date,
    by: one.sources.find((source) => source.by !== undefined)?.by ?? '',
    standing: one.standing,
    reported: one.reported,
    strategy: one.strategy.name,
    kernels: [...first, kernelName(one.secondKernel)].join(' > '),
    machine: one.machine.preset,
  };
}

/** A profile with fields of its own has a `*`. */
function kernelName(kernel: CaseKernel): string {
  return typeof kernel === 'string' ? kernel : `${kernel.profile}*`;
}

function replayed(
  statements: readonly Statement[],
  tallies: readonly Tally[],
  runs: number,
): ReplayedStatement[] {
  return statements.map((statement, index) => {
    const { held, example } = tallies[index] as Tally;
    return {
      says: statement.says,
      held,
      runs,
      interval: confidenceInterval(held, runs),
      agrees: shareAgrees(statement.share ?? 'always', held, runs),
      example,
    };
  });
}

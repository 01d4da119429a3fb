import type { ComparedRun } from '@quiesce/benchmark';
import type { Outcome } from '@quiesce/boot-sequencer';

/**
 * What crashes are judged by, in this order: what is lost, what was spoiled, what may be spoiled on the next machine, what a
 * reader of the dump will see of it, and what an operator will see.
 */
export const criteria = [
  'lost-dump',
  'corruption',
  'untranslated',
  'altered-dump',
  'faults',
  'display-lost',
  'reboot-hung',
] as const;

/** One of {@link criteria}. */
export type Criterion = (typeof criteria)[number];

/** In how many crashes something became better and worse, crash by crash under the same workload and seed. */
export interface Difference {
  readonly criterion: Criterion;
  readonly better: number;
  readonly worse: number;
}

/** What a change is worth in simulated crashes. */
export interface Gain {
  readonly of: number;
  readonly differences: readonly Difference[];
  /** `better` or `worse` by the first criterion in which crashes differ clearly; else `same`. */
  readonly verdict: 'better' | 'worse' | 'same';
  /** Criteria that speak against the verdict. */
  readonly against: readonly Criterion[];
}

/** Fewer crashes than these are chance. */
const CLEARLY = 0.15;

const badness: Readonly<Record<Criterion, (outcome: Outcome) => number>> = {
  'lost-dump': (outcome) => (outcome.dump === 'lost' ? 1 : 0),
  corruption: (outcome) => (outcome.corruption.some(({ bytes }) => bytes > 0) ? 1 : 0),
  'altered-dump': (outcome) => (outcome.dump === 'altered' ? 1 : 0),
  untranslated: (outcome) => (outcome.untranslated.total > 0 ? 1 : 0),
  // By orders of magnitude from a hundred on: a few faults where drivers start are no flood.
  faults: (outcome) => {
    const total = outcome.dmaFaults.total + outcome.interruptFaults.total;
    return Math.max(0, Math.floor(Math.log10(1 + total)) - 1);
  },
  'display-lost': (outcome) => (outcome.display === 'lost' ? 1 : 0),
  'reboot-hung': (outcome) => (outcome.reboot.verdict === 'hung' ? 1 : 0),
};

/** Compares runs pairwise: the same workloads and seeds in the same order. A run without an outcome counts as a lost dump. */
export function gainOf(now: readonly ComparedRun[], then: readonly ComparedRun[]): Gain {
  const of = Math.min(now.length, then.length);
  const differences = criteria.map((criterion): Difference => {
    let better = 0;
    let worse = 0;
    for (let i = 0; i < of; i++) {
      const change = bad(then[i] as ComparedRun, criterion) - bad(now[i] as ComparedRun, criterion);
      if (change < 0) better++;
      else if (change > 0) worse++;
    }
    return { criterion, better, worse };
  });
  const clear = (net: number): boolean => net >= Math.max(1, of * CLEARLY);
  const first = differences.find(({ better, worse }) => clear(Math.abs(better - worse)));
  const verdict = first === undefined ? 'same' : first.better > first.worse ? 'better' : 'worse';
  const against = differences
    .filter(({ better, worse }) =>
      verdict === 'better' ? clear(worse - better) : verdict === 'worse' && clear(better - worse),
    )
    .map(({ criterion }) => criterion);
  return { of, differences, verdict, against };
}

/** Below 0 if `a` is worth more: by the first criterion in which their nets differ. */
export function compareGains(a: Gain, b: Gain): number {
  for (const [index, one] of a.differences.entries()) {
    const other = b.differences[index] as Difference;
    const difference = (other.better - other.worse) / b.of - (one.better - one.worse) / a.of;
    if (Math.abs(difference) > 1e-9) return difference;
  }
  return 0;
}

function bad({ outcome }: ComparedRun, criterion: Criterion): number {
  if (outcome === null) return criterion === 'lost-dump' ? 1 : 0;
  // What comes after a lost dump, or would have, is not compared with what came of a saved one.
  if (outcome.dump === 'lost' && (criterion === 'altered-dump' || criterion === 'reboot-hung')) return 0;
  return badness[criterion](outcome);
}

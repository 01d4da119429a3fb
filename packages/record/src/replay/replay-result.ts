import type { Interval } from '@quiesce/benchmark';
import type { Standing } from '../case/record-case.ts';

/** A statement beside what the laboratory gave. */
export interface ReplayedStatement {
  readonly says: string;
  /** Runs in which it held. */
  readonly held: number;
  readonly runs: number;
  /** 95 % interval of the share of runs in which it holds. */
  readonly interval: Interval;
  /** Whether that is what was said of how often. */
  readonly agrees: boolean;
  /** What was there instead, or there, in the first run. */
  readonly example: string;
}

/**
 * `agrees`, `disagrees`; `unexplained`: the cause is not known, so nothing is claimed; `failed`: the case could not be
 * run.
 */
export type Verdict = 'agrees' | 'disagrees' | 'unexplained' | 'failed';

/** The case with its cause taken away. */
export interface ReplayedCounterfactual {
  readonly cause: string;
  /** The case's own statements do not all hold any more, and those of the counterfactual do. */
  readonly flips: boolean;
  /** The first of the case's statements that fails without the cause. */
  readonly failing: string | null;
  readonly statements: readonly ReplayedStatement[];
}

/** One case replayed. */
export interface ReplayedCase {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  readonly date: string;
  readonly by: string;
  readonly standing: Standing;
  readonly reported: string;
  readonly strategy: string;
  readonly kernels: string;
  readonly machine: string;
  readonly verdict: Verdict;
  /** Why the cause is not known, or what stopped the case from being run. */
  readonly reason: string | null;
  readonly statements: readonly ReplayedStatement[];
  readonly counterfactual: ReplayedCounterfactual | null;
}

/** The whole record replayed (`@quiesce/record/result.schema.json`). */
export interface RecordResult {
  readonly schema: 'quiesce/record/1';
  readonly cases: readonly ReplayedCase[];
  readonly totals: {
    readonly cases: number;
    readonly agrees: number;
    readonly disagrees: number;
    readonly unexplained: number;
    readonly failed: number;
    /** Cases whose outcome changes when their cause is taken away. */
    readonly flips: number;
    readonly crashes: number;
  };
}

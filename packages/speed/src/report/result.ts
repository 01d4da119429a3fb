/** `wrong`: the sides did not do the same work. */
export type Verdict = 'met' | 'missed' | 'wrong' | 'skipped';

/** How we stand beside one rival. */
export interface SideResult {
  readonly name: string;
  /** Median, in the workload's unit. */
  readonly perSecond?: number;
  /** Our rate divided by the rival's, median of rounds. */
  readonly ratio?: number;
  readonly atLeast: number;
  readonly verdict: Verdict;
  /** Why it was skipped. */
  readonly reason?: string;
}

export interface RaceResult {
  readonly kind: 'race';
  readonly id: string;
  readonly title: string;
  readonly work: string;
  readonly unit: string;
  /** Of one run. */
  readonly operations: number;
  readonly own: { readonly name: string; readonly perSecond: number };
  readonly rivals: readonly SideResult[];
  readonly verdict: Verdict;
  readonly disagreement?: string;
}

export interface LimitResult {
  readonly kind: 'limit';
  readonly id: string;
  readonly title: string;
  readonly work: string;
  readonly unit: string;
  readonly atMost: number;
  readonly figure: number;
  readonly verdict: Verdict;
}

export interface SkippedResult {
  readonly kind: 'skipped';
  readonly id: string;
  readonly title: string;
  readonly reason: string;
  readonly verdict: 'skipped';
}

export type Result = RaceResult | LimitResult | SkippedResult;

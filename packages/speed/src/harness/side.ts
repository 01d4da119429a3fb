/** What one run of a workload did and how long it took. */
export interface Measurement {
  /** Wall-clock seconds of one run; the median where a side repeats it. */
  readonly seconds: number;
  /** Things done in it, in the workload's unit. */
  readonly operations: number;
  /** Follows from everything that was done; sides that did the same work agree. */
  readonly check: string;
}

/** A program that does a workload: ours, or one that others wrote. */
export interface Side {
  /** With its version. */
  readonly name: string;
  measure(): Promise<Measurement>;
  close?(): void;
}

/** In place of a side that cannot be had here. */
export interface MissingSide {
  readonly name: string;
  /** What is missing, and how to get it. */
  readonly missing: string;
}

/** A side, or why there is none. */
export function isMissing(side: Side | MissingSide): side is MissingSide {
  return 'missing' in side;
}

/** A rival and how fast we want to be beside it. */
export interface Rival {
  readonly side: Side | MissingSide;
  /** Our operations per second divided by the rival's must be at least this. */
  readonly atLeast: number;
}

/** A workload that is done by us and by others. */
export interface Race {
  readonly kind: 'race';
  readonly id: string;
  readonly title: string;
  /** What is done, exactly. */
  readonly work: string;
  /** What one operation is, in the plural. */
  readonly unit: string;
  readonly own: Side;
  readonly rivals: readonly Rival[];
}

/** A figure that must stay below a bound. */
export interface Limit {
  readonly kind: 'limit';
  readonly id: string;
  readonly title: string;
  readonly work: string;
  readonly unit: string;
  readonly atMost: number;
  /** One figure per round; the median counts. */
  figure(): Promise<number>;
}

/** A workload that cannot be measured here, and why. */
export interface Skipped {
  readonly kind: 'skipped';
  readonly id: string;
  readonly title: string;
  readonly reason: string;
}

export type Workload = Race | Limit | Skipped;

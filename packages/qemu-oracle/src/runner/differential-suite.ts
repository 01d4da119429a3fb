/** How a suite is to be run. */
export interface SuiteOptions {
  /** Number of random cases, 1 or more. */
  readonly cases: number;
  /** Seed of the cases, 0 .. 4294967295: the same seed gives the same cases, on every machine. */
  readonly seed: number;
  /** Replays one case: the path that a disagreement was reported with (fast-check's `path`). */
  readonly path?: string;
  /** Called now and then with the number of cases done. */
  readonly progress?: (done: number) => void;
}

/** A case in which the model and QEMU do not answer alike, and that no listed deviation explains. */
export interface Disagreement {
  /** Seed and path that replay it. */
  readonly seed: number;
  readonly path: string;
  /** What differs, in one line. */
  readonly summary: string;
  /** The case after shrinking, as data that goes into the corpus. */
  readonly case: unknown;
}

/** A listed deviation, and how often a run met it. */
export interface DeviationCount {
  /** Short and stable, e.g. `one-fault-recording-register`. */
  readonly id: string;
  /** Clause of the specification that the model follows, or the limit of QEMU. */
  readonly reason: string;
  /** Cases in which QEMU answered so. */
  readonly occurrences: number;
}

/** What a run of a suite found. */
export interface SuiteReport {
  readonly suite: string;
  readonly seed: number;
  /** Cases compared, those of the corpus not included. */
  readonly cases: number;
  /** Fixed cases compared. */
  readonly corpusCases: number;
  /** Wall-clock seconds. */
  readonly seconds: number;
  /** None is what a suite is for. A random run stops at its first, shrunk. */
  readonly disagreements: readonly Disagreement[];
  readonly deviations: readonly DeviationCount[];
  /** What the cases came to, by name, e.g. how many faulted for which reason. Shows that a run tested something. */
  readonly tally: Readonly<Record<string, number>>;
}

/** A suite whose QEMU runs. */
export interface OpenSuite {
  /** Compares the fixed corpus (not with a path), then random cases. @throws Error if QEMU ends */
  run(options: SuiteOptions): Promise<SuiteReport>;
  /** Ends QEMU. */
  close(): Promise<void>;
}

/** The same cases on a hardware model and on QEMU. */
export interface DifferentialSuite {
  /** What `--suite` takes. */
  readonly name: string;
  /** One line for the help text. */
  readonly description: string;
  /** Starts QEMU. @throws Error if it is not installed */
  open(): Promise<OpenSuite>;
}

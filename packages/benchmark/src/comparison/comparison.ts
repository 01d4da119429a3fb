import type { Outcome } from '@quiesce/boot-sequencer';

/** Why a run has no outcome, or one that the strategy itself spoiled. */
export interface RunFailure {
  /**
   * Code of a violation of the contract, or `THREW`, `PLUGIN_IMPORT`, `STRATEGY_CREATE`, `ASYNC`, `EXITED`,
   * `TIME_LIMIT`, `OUT_OF_MEMORY`; `INTERNAL` if the simulation itself failed.
   */
  readonly code: string;
  /** One line of at most 500 characters or so. */
  readonly message: string;
}

/** One crash of a comparison. */
export interface ComparedRun {
  readonly strategy: string;
  readonly kernel: string;
  readonly seed: number;
  /** Null if the plugin could not be run to an end. */
  readonly outcome: Outcome | null;
  /** The plugin's own failure; null in a proper run. */
  readonly failure: RunFailure | null;
}

/** What a comparison writes as JSON; see `schema/comparison.schema.json`. */
export interface Comparison {
  readonly schema: 'quiesce/comparison/1';
  readonly machine: { readonly name: string; readonly functions: number; readonly units: number };
  readonly firstKernel: string;
  readonly runs: readonly ComparedRun[];
}

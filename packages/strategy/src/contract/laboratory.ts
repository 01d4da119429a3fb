import type { StrategyViolation } from '../errors.ts';
import type { HookName } from '../hooks/hook-name.ts';
import type { Phase } from '../phases.ts';
import type { StrategyPlugin } from '../strategy.ts';

/** Any plugin, whatever its options are. */
// biome-ignore lint/suspicious/noExplicitAny: a plugin's options appear as input and as output
export type AnyPlugin = StrategyPlugin<any>;

/** One crash to be run. */
export interface ContractRequest {
  readonly plugin: AnyPlugin;
  /** As a user would write them; the laboratory validates them with the plugin's schema ({@link resolveOptions}). */
  readonly options: unknown;
  /** One of {@link ContractLaboratory.machines}. */
  readonly machine: string;
  readonly seed: number;
}

/** A dword of config space that a hook left other than it had found it. */
export interface ConfigDifference {
  /** `0000:01:00.0` */
  readonly function: string;
  readonly hook: HookName;
  /** 0 endpoint, 1 bridge. */
  readonly headerType: number;
  /** A conventional or function-level reset that this hook caused has reached the function. */
  readonly reset: boolean;
  /** Multiple of 4. */
  readonly offset: number;
  /** Capability that holds the dword (its id and where in it the dword lies); undefined in the header. */
  readonly capability?: { readonly id: number; readonly extended: boolean; readonly offset: number };
  /** The dword when the hook began, 0 .. 2^32 - 1. */
  readonly before: number;
  /** The dword when the hook returned. */
  readonly after: number;
}

/** A hook that ran. */
export interface HookRun {
  readonly hook: HookName;
  readonly phase: Phase;
  /** What it returned had a `then`: it is not synchronous. */
  readonly returnedThenable: boolean;
}

/** What a laboratory saw of one run. */
export interface ContractRun {
  /** Hash over everything that happened; equal hashes mean equal runs. */
  readonly traceHash: string;
  /** What the plugin threw, from `create` (phase null) or from a hook; null if nothing. */
  readonly failure: null | {
    /** Code of a StrategyViolation; `THREW` for any other error. */
    readonly code: string;
    readonly message: string;
    readonly phase: Phase | null;
  };
  /** Every violation, those that the plugin caught itself included. */
  readonly violations: readonly Pick<StrategyViolation, 'code' | 'phase' | 'message'>[];
  /** Compared at the end of each hook, over all functions that were there when the hook began. */
  readonly configDifferences: readonly ConfigDifference[];
  /** In order. */
  readonly hooks: readonly HookRun[];
}

/**
 * Where the contract kit runs a plugin: machines by name, and one crash at a time. The boot sequencer has one over
 * the preset machines; {@link miniLaboratory} is a small one that needs nothing else.
 */
export interface ContractLaboratory {
  /** At least one. */
  readonly machines: readonly string[];
  /**
   * Runs one crash with `plugin.create` called anew. Must not throw for what the plugin does wrong: that is in
   * the {@link ContractRun}.
   */
  run(request: ContractRequest): ContractRun;
}

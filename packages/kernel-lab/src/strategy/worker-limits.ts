import { defaultLimits, type StrategyLimits } from '@quiesce/boot-sequencer';

/** How much one strategy may do in one run of the lab. */
export interface WorkerLimits extends StrategyLimits {
  /** Milliseconds that a hook may compute from one access to the next: what it waits for the guest does not count. */
  readonly computeMs: number;
  /** Milliseconds for the process to start and to load the module. */
  readonly loadMs: number;
}

/** As in the model, but for accesses: each takes some hundredths of a millisecond here. */
export const labLimits: WorkerLimits = {
  ...defaultLimits,
  accesses: 5_000_000,
  computeMs: 30_000,
  loadMs: 120_000,
};

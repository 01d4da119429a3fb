import {
  type ComparedRun,
  type ComparisonLimits,
  compareAll,
  type PluginReference,
} from '@quiesce/benchmark';
import type { KernelProfile } from '@quiesce/boot-sequencer';
import type { Machine } from '@quiesce/machine';
import { type Tally, tallyOf } from './tally.ts';
import type { WorkloadVariant } from './workloads.ts';

/** Everything that a crash depends on but the seed and the workload. */
export interface CrashSetup {
  readonly machine: Machine;
  readonly strategy: PluginReference;
  readonly first: KernelProfile;
  readonly second: KernelProfile;
  /** Of the crash kernel, beside those that the model gives it by itself. */
  readonly parameters: readonly string[];
  /** Changes of the machine that go before what a workload says, one after the other. */
  readonly adjustments?: readonly ((machine: Machine) => Machine)[];
}

/** A setup under a name. */
export interface Experiment {
  readonly id: string;
  readonly setup: CrashSetup;
}

/** What came of an experiment: all of its runs, one workload after the other. */
export interface ExperimentResult {
  readonly id: string;
  readonly tally: Tally;
  readonly byWorkload: readonly { readonly workload: string; readonly tally: Tally }[];
  readonly runs: readonly ComparedRun[];
}

/** The machine of a setup as it crashes under a workload. */
export function machineUnder(setup: CrashSetup, workload: WorkloadVariant): Machine {
  return (setup.adjustments ?? []).reduce(
    (machine, adjust) => adjust(machine),
    workload.apply(setup.machine),
  );
}

/**
 * Crashes each setup under each workload with each seed, all in one go.
 * @throws UserError for what is wrong with a machine, a kernel or a strategy's options
 */
export async function runExperiments(
  experiments: readonly Experiment[],
  workloads: readonly WorkloadVariant[],
  seeds: readonly number[],
  limits: ComparisonLimits,
): Promise<ExperimentResult[]> {
  const requests = experiments.flatMap(({ setup }) =>
    workloads.map((workload) => ({
      machine: machineUnder(setup, workload),
      strategies: [setup.strategy],
      kernels: [setup.second],
      firstKernel: setup.first,
      parameters: setup.parameters,
      seeds,
    })),
  );
  const comparisons = await compareAll(requests, limits);
  return experiments.map(({ id }, index): ExperimentResult => {
    const own = comparisons.slice(index * workloads.length, (index + 1) * workloads.length);
    const runs = own.flatMap((comparison) => comparison.runs);
    return {
      id,
      tally: tallyOf(runs),
      byWorkload: own.map((comparison, at) => ({
        workload: workloads[at]?.name ?? '',
        tally: tallyOf(comparison.runs),
      })),
      runs,
    };
  });
}

import { type ComparisonLimits, CrashProcesses } from '@quiesce/benchmark';
import { platformProfiles } from '@quiesce/boot-sequencer';
import type { ImportedCapture, Machine } from '@quiesce/machine';
import { candidatesOf } from './advice/candidates-of.ts';
import { kernelAdvice, strategyAdvice } from './advice/era-advice.ts';
import { gainOf } from './advice/gain.ts';
import { adviceOf, rankCandidates } from './advice/rank-advice.ts';
import { bestToBeHad, kernelCandidate, togetherOf, tryTogether } from './advice/together.ts';
import type { AssessOptions } from './assess.ts';
import { DUMP_ROLE } from './functions/collateral.ts';
import type { FunctionFinding } from './functions/function-findings.ts';
import { kernelStandings } from './kernels/kernel-standings.ts';
import type { Advice, AssessedStory, Assessment, KernelStanding, Standing } from './result/assessment.ts';
import { crashStory } from './simulation/crash-story.ts';
import { eraSetup } from './simulation/era-setup.ts';
import {
  type CrashSetup,
  type Experiment,
  type ExperimentResult,
  runExperiments,
} from './simulation/experiment.ts';
import { kernelsAlone } from './simulation/kernels-alone.ts';
import { type FunctionTally, functionTallies } from './simulation/requester-tally.ts';
import { type WorkloadVariant, workloadVariants } from './simulation/workloads.ts';
import type { SimulatedWorld } from './world/simulated-world.ts';

/** What simulated crashes of a machine come to. */
export interface SimulatedMachine {
  readonly workloads: readonly WorkloadVariant[];
  readonly now: Standing;
  readonly byFunction: Readonly<Record<string, FunctionTally>>;
  readonly advice: readonly Advice[];
  readonly worse: Assessment['worse'];
  readonly together: Assessment['together'];
  readonly best: { readonly tally: Standing['tally']; readonly advice: string };
  readonly strategies: readonly Standing[];
  readonly kernels: readonly KernelStanding[];
  readonly story: AssessedStory | null;
}

/**
 * Crashes a machine as it is, with each change, each kernel and each strategy; undefined where no kernel of ours fits.
 * @throws UserError as `compareAll` of @quiesce/benchmark
 */
export async function simulateMachine(
  { host }: ImportedCapture,
  machine: Machine,
  world: SimulatedWorld,
  functions: readonly FunctionFinding[],
  seeds: readonly number[],
  options: AssessOptions,
): Promise<SimulatedMachine | undefined> {
  const { workers = 0 } = options;
  if (options.processes !== undefined || workers === 0) {
    return simulate({ host }, machine, world, functions, seeds, options);
  }
  // One after the other, changes are tried alone, then together: by the same processes.
  const processes = new CrashProcesses(workers);
  try {
    return await simulate({ host }, machine, world, functions, seeds, { ...options, processes });
  } finally {
    processes.close();
  }
}

async function simulate(
  { host }: Pick<ImportedCapture, 'host'>,
  machine: Machine,
  world: SimulatedWorld,
  functions: readonly FunctionFinding[],
  seeds: readonly number[],
  options: AssessOptions,
): Promise<SimulatedMachine | undefined> {
  const { first, second, ranges } = world;
  if (first === undefined || second === undefined || ranges === undefined) return undefined;
  const setup: CrashSetup = {
    machine,
    strategy: options.baseline ?? kernelsAlone,
    first,
    second,
    parameters: world.crashParameters,
  };
  const dumpThrough = functions.filter(({ role }) => role === DUMP_ROLE).map(({ name }) => name);
  const workloads = workloadVariants(machine, host, dumpThrough);
  const candidates = candidatesOf(host, machine, world, functions);
  const eras = platformProfiles(ranges);
  const asked = options.strategies ?? [];
  const experiments: Experiment[] = [
    { id: 'now', setup },
    ...candidates.map(({ id, change }) => ({ id, setup: change(setup) })),
    ...eras.map((name) => ({ id: `kernel:${name}`, setup: eraSetup(setup, name, world) })),
    ...asked.map((strategy) => ({
      id: `strategy:${strategy.name}`,
      setup: { ...setup, strategy },
    })),
  ];
  const { workers = 0, processes, onProgress, timeLimitSeconds } = options;
  const limits: ComparisonLimits = {
    workers,
    processes,
    ...(timeLimitSeconds === undefined ? {} : { timeLimitSeconds }),
  };
  const results = await runExperiments(experiments, workloads, seeds, {
    ...limits,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const byId = new Map(results.map((result) => [result.id, result]));
  const now = byId.get('now') as ExperimentResult;
  const ranked = rankCandidates(now, candidates, byId);
  const named = (prefix: string, name: string): ExperimentResult => ({
    ...(byId.get(`${prefix}:${name}`) as ExperimentResult),
    id: name,
  });
  const strategies = asked.map(({ name }): Standing => {
    const result = named('strategy', name);
    return {
      ...standingOf(result, name),
      description: options.descriptions?.[name] ?? '',
      gain: gainOf(now.runs, result.runs),
    };
  });
  const kernels = kernelStandings(
    ranges,
    now,
    eras.map((name) => named('kernel', name)),
  );
  const better = ranked.better.map(({ candidate }) => candidate);
  const combined = togetherOf(better, kernelCandidate(kernels, world), candidates);
  const together = await tryTogether(combined, setup, now, { workloads, seeds, limits });
  const best = ranked.better.find(({ gain }) => gain.against.length === 0) ?? ranked.better[0];
  return {
    workloads,
    now: standingOf(now, 'now'),
    byFunction: functionTallies(now.runs, functions),
    advice: [...ranked.better.map(adviceOf), ...strategyAdvice(strategies), ...kernelAdvice(kernels)],
    worse: ranked.worse.map(({ candidate, gain }) => ({ title: candidate.title, gain })),
    together,
    best: bestToBeHad(now, best, together),
    strategies,
    kernels,
    story: await storyOf(now, setup, workloads, seeds.length),
  };
}

/** The first crash that came to an outcome, told: it runs in this process, so only what ended elsewhere is run again. */
async function storyOf(
  now: ExperimentResult,
  setup: CrashSetup,
  workloads: readonly WorkloadVariant[],
  seeds: number,
): Promise<AssessedStory | null> {
  const index = now.runs.findIndex(({ outcome }) => outcome !== null);
  const workload = workloads[Math.floor(index / seeds)];
  const run = now.runs[index];
  if (workload === undefined || run === undefined) return null;
  const { outcome, phases, marks } = await crashStory(setup, workload, run.seed);
  const { stoppedAt, dump } = outcome;
  const stopped = stoppedAt === null ? null : `${stoppedAt.phase}: ${stoppedAt.cause}`;
  return { workload: workload.name, seed: run.seed, phases, marks, dump, stopped };
}

function standingOf({ tally, byWorkload }: ExperimentResult, name: string): Standing {
  return { name, description: '', tally, byWorkload };
}

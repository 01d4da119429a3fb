import type { ComparisonLimits } from '@quiesce/benchmark';
import type { Assessment, KernelStanding, Standing } from '../result/assessment.ts';
import { eraSetup } from '../simulation/era-setup.ts';
import { type CrashSetup, type ExperimentResult, runExperiments } from '../simulation/experiment.ts';
import type { WorkloadVariant } from '../simulation/workloads.ts';
import type { SimulatedWorld } from '../world/simulated-world.ts';
import { adviceKinds, type Candidate } from './candidate.ts';
import { bestKernel, kernelAdvice } from './era-advice.ts';
import { compareGains, type Gain, gainOf } from './gain.ts';

/**
 * Changes that are worth trying at once: the best of each kind, and where another kernel is among them, what would
 * be tried last of drivers: all of them. Fewer than two are nothing to be tried together.
 */
export function togetherOf(
  better: readonly Candidate[],
  kernel: Candidate | undefined,
  all: readonly Candidate[],
): Candidate[] {
  const chosen = new Map<Candidate['kind'], Candidate>();
  if (kernel !== undefined) chosen.set('kernel', kernel);
  for (const one of better) if (!chosen.has(one.kind)) chosen.set(one.kind, one);
  const bringing = all.findLast(({ kind }) => kind === 'driver');
  if (kernel !== undefined && bringing !== undefined && !chosen.has('driver')) chosen.set('driver', bringing);
  if (chosen.size < 2) return [];
  // The kernel first: parameters change the profile that it brings.
  return [...chosen.values()].sort((a, b) => adviceKinds.indexOf(b.kind) - adviceKinds.indexOf(a.kind));
}

/** The kernel that is worth most, as a change to be combined with others. */
export function kernelCandidate(
  kernels: readonly KernelStanding[],
  world: SimulatedWorld,
): Candidate | undefined {
  const best = bestKernel(kernels);
  const [advice] = kernelAdvice(kernels);
  if (best === undefined || advice === undefined) return undefined;
  const { title, text, commands, evidence } = advice;
  return {
    id: `kernel:${best.name}`,
    kind: 'kernel',
    title,
    text,
    commands,
    evidence,
    change: (setup) => eraSetup(setup, best.name, world),
  };
}

/** Simulates changes that are made at once; null if there are not two of them. */
export async function tryTogether(
  candidates: readonly Candidate[],
  setup: CrashSetup,
  now: ExperimentResult,
  how: {
    readonly workloads: readonly WorkloadVariant[];
    readonly seeds: readonly number[];
    readonly limits: ComparisonLimits;
  },
): Promise<Assessment['together']> {
  if (candidates.length < 2) return null;
  const all = candidates.reduce((changed, { change }) => change(changed), setup);
  const [result] = await runExperiments(
    [{ id: 'together', setup: all }],
    how.workloads,
    how.seeds,
    how.limits,
  );
  if (result === undefined) return null;
  return {
    titles: candidates.map(({ title }) => title),
    tally: result.tally,
    gain: gainOf(now.runs, result.runs),
  };
}

/** What can be had: the first advice, or several at once if that is worth more. */
export function bestToBeHad(
  now: ExperimentResult,
  first:
    | { readonly candidate: Candidate; readonly gain: Gain; readonly result: ExperimentResult }
    | undefined,
  together: Assessment['together'],
): { readonly tally: Standing['tally']; readonly advice: string } {
  if (together !== null && (first === undefined || compareGains(together.gain, first.gain) < 0)) {
    if (together.gain.verdict === 'better')
      return { tally: together.tally, advice: together.titles.join('; ') };
  }
  if (first === undefined) return { tally: now.tally, advice: 'things as they are' };
  return { tally: first.result.tally, advice: first.candidate.title };
}

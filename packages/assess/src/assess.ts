import type { PluginReference } from '@quiesce/benchmark';
import { kernelProfile } from '@quiesce/boot-sequencer';
import type { ImportedCapture, Machine } from '@quiesce/machine';
import { adviceKinds, type Candidate } from './advice/candidate.ts';
import { driverCandidates } from './advice/driver-candidates.ts';
import { dumpTargetCandidates } from './advice/dump-target-candidates.ts';
import { bestKernel, kernelAdvice, strategyAdvice } from './advice/era-advice.ts';
import { compareGains, type Gain, gainOf } from './advice/gain.ts';
import { parameterCandidates } from './advice/parameter-candidates.ts';
import { adviceOf, rankCandidates } from './advice/rank-advice.ts';
import { standingAdvice } from './advice/standing-advice.ts';
import { togetherOf } from './advice/together.ts';
import type { CommandLineFinding } from './command-line/command-line-finding.ts';
import { lintCrashCommandLine } from './command-line/lint-command-line.ts';
import { type FunctionFinding, functionFindings } from './functions/function-findings.ts';
import { kernelStandings } from './kernels/kernel-standings.ts';
import { type KernelDefect, knownDefects } from './kernels/known-defects.ts';
import { profilesOf } from './kernels/nearest-profile.ts';
import type {
  Advice,
  AssessedKernel,
  AssessedStory,
  Assessment,
  KernelStanding,
  Standing,
} from './result/assessment.ts';
import { atRisk } from './result/at-risk.ts';
import { summaryOf } from './result/summary.ts';
import { crashStory } from './simulation/crash-story.ts';
import {
  type CrashSetup,
  type Experiment,
  type ExperimentResult,
  runExperiments,
} from './simulation/experiment.ts';
import { functionTallies } from './simulation/requester-tally.ts';
import { type WorkloadVariant, workloadVariants } from './simulation/workloads.ts';
import { crashMachineFacts } from './world/crash-machine-facts.ts';
import {
  type SimulatedWorld,
  simulatedWorld,
  unitsScale,
  type WorldOptions,
} from './world/simulated-world.ts';

/** How an assessment is made. */
export interface AssessOptions extends WorldOptions {
  /** A strategy that does nothing: what the kernels do by themselves. */
  readonly baseline: PluginReference;
  /** Strategies to be simulated beside it. */
  readonly strategies: readonly PluginReference[];
  /** What strategies do, in a sentence each, by name. */
  readonly descriptions?: Readonly<Record<string, string>>;
  /** Crashes of each setup under each workload; default 4. */
  readonly seeds?: number;
  /** Processes that simulate; 0 runs everything in this one. */
  readonly workers: number;
  /** Seconds for one crash; default 30. */
  readonly timeLimitSeconds?: number;
  /** Told as simulated crashes are done. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Crashes of each setup under each workload, unless said otherwise. */
export const defaultSeeds = 4;

/**
 * Assesses a captured machine: each function, what happens as things are, what each strategy and kernel would do, and what is
 * worth changing. Machines that cannot be simulated are told what applies to them.
 * @throws UserError `KERNEL_UNKNOWN`; for what is wrong with the machine or a strategy's options
 */
export async function assess(imported: ImportedCapture, options: AssessOptions): Promise<Assessment> {
  const { host, machine } = imported;
  const world = simulatedWorld(imported, options);
  const functions = machine === undefined ? [] : functionFindings(machine, host);
  const seeds = Array.from({ length: options.seeds ?? defaultSeeds }, (_, index) => index + 1);
  const kernel = kernelOf(imported, world, functions);
  const simulated =
    machine === undefined ? undefined : await simulate(imported, machine, world, functions, seeds, options);
  const standing = machine === undefined ? [] : standingAdvice(machine, host);
  const advice = inOrder([...standing, ...(simulated?.advice ?? [])]);
  const now = simulated?.now ?? null;
  const { summary, severity } = summaryOf(world.platform, kernel, now, advice);
  const crashLine = options.crashCommandLine ?? host.crashCommandLine?.value;
  return {
    schema: 'quiesce/assessment/1',
    name: machine?.name ?? 'a capture without functions',
    severity,
    summary,
    platform: world.platform,
    machine: {
      functions: functions.length,
      masters: functions.filter(({ masters }) => masters).length,
      units: machine?.units.map(({ name }) => name) ?? [],
      dumpTarget: machine?.dumpTarget ?? null,
      translation: world.translation,
    },
    kernel,
    workloads: simulated?.workloads.map(({ name, description }) => ({ name, description })) ?? [],
    seeds: seeds.length,
    now,
    functions: functions.map((one) => {
      const inCrashes = simulated?.byFunction[one.name];
      return inCrashes === undefined ? one : { ...one, inCrashes };
    }),
    advice,
    together: simulated?.together ?? null,
    worse: simulated?.worse ?? [],
    atRisk: machine === undefined ? [] : atRisk(machine, functions, simulated?.best),
    commandLine: { text: crashLine ?? null, findings: lint(imported, world, crashLine) },
    strategies: simulated?.strategies ?? [],
    kernels: simulated?.kernels ?? [],
    story: simulated?.story ?? null,
    limits: limitsOf(imported, world),
    conflicts: imported.conflicts.map(({ what, used, reason }) => `${what}: ${used} is used (${reason})`),
    notes: imported.notes,
  };
}

interface Simulated {
  readonly workloads: readonly WorkloadVariant[];
  readonly now: Standing;
  readonly byFunction: ReturnType<typeof functionTallies>;
  readonly advice: readonly Advice[];
  readonly worse: Assessment['worse'];
  readonly together: Assessment['together'];
  readonly best: { readonly tally: Standing['tally']; readonly advice: string };
  readonly strategies: readonly Standing[];
  readonly kernels: readonly KernelStanding[];
  readonly story: AssessedStory;
}

async function simulate(
  imported: ImportedCapture,
  machine: Machine,
  world: SimulatedWorld,
  functions: readonly FunctionFinding[],
  seeds: readonly number[],
  options: AssessOptions,
): Promise<Simulated | undefined> {
  const { first, second, ranges } = world;
  if (first === undefined || second === undefined || ranges === undefined) return undefined;
  const setup: CrashSetup = {
    machine,
    strategy: options.baseline,
    first,
    second,
    parameters: world.crashParameters,
  };
  const workloads = workloadVariants(machine, imported.host);
  const candidates = candidatesOf(imported, machine, world, functions);
  const eras = profilesOf(ranges);
  const experiments: Experiment[] = [
    { id: 'now', setup },
    ...candidates.map(({ id, change }) => ({ id, setup: change(setup) })),
    ...eras.map((name) => ({ id: `kernel:${name}`, setup: eraSetup(setup, name) })),
    ...options.strategies.map((strategy) => ({
      id: `strategy:${strategy.name}`,
      setup: { ...setup, strategy },
    })),
  ];
  const { workers, onProgress, timeLimitSeconds } = options;
  const results = await runExperiments(experiments, workloads, seeds, {
    workers,
    ...(timeLimitSeconds === undefined ? {} : { timeLimitSeconds }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const byId = new Map(results.map((result) => [result.id, result]));
  const now = byId.get('now') as ExperimentResult;
  const ranked = rankCandidates(now, candidates, byId);
  const named = (prefix: string, name: string): ExperimentResult => ({
    ...(byId.get(`${prefix}:${name}`) as ExperimentResult),
    id: name,
  });
  const strategies = options.strategies.map(({ name }): Standing => {
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
  const combined = togetherOf(better, kernelCandidate(kernels), candidates);
  const together = await tryTogether(combined, setup, now, { workloads, seeds, workers });
  const best = ranked.better.find(({ gain }) => gain.against.length === 0) ?? ranked.better[0];
  const story = await crashStory(setup, workloads[0] as WorkloadVariant, seeds[0] ?? 1);
  return {
    workloads,
    now: standingOf(now, 'now'),
    byFunction: functionTallies(now.runs, functions),
    advice: [...ranked.better.map(adviceOf), ...strategyAdvice(strategies), ...kernelAdvice(kernels)],
    worse: ranked.worse.map(({ candidate, gain }) => ({ title: candidate.title, gain })),
    together,
    best: bestOf(now, best, together),
    strategies,
    kernels,
    story: {
      workload: story.workload,
      seed: story.seed,
      phases: story.phases,
      marks: story.marks,
      dump: story.outcome.dump,
      stopped:
        story.outcome.stoppedAt === null
          ? null
          : `${story.outcome.stoppedAt.phase}: ${story.outcome.stoppedAt.cause}`,
    },
  };
}

/** The kernel that is worth most, as a change to be combined with others. */
function kernelCandidate(kernels: readonly KernelStanding[]): Candidate | undefined {
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
    change: (setup) => eraSetup(setup, best.name),
  };
}

async function tryTogether(
  candidates: readonly Candidate[],
  setup: CrashSetup,
  now: ExperimentResult,
  how: {
    readonly workloads: readonly WorkloadVariant[];
    readonly seeds: readonly number[];
    readonly workers: number;
  },
): Promise<Assessment['together']> {
  if (candidates.length < 2) return null;
  const all = candidates.reduce((changed, { change }) => change(changed), setup);
  const [result] = await runExperiments([{ id: 'together', setup: all }], how.workloads, how.seeds, how);
  if (result === undefined) return null;
  return {
    titles: candidates.map(({ title }) => title),
    tally: result.tally,
    gain: gainOf(now.runs, result.runs),
  };
}

/** What can be had: the first advice, or several at once if that is worth more. */
function bestOf(
  now: ExperimentResult,
  first:
    | { readonly candidate: Candidate; readonly gain: Gain; readonly result: ExperimentResult }
    | undefined,
  together: Assessment['together'],
): Simulated['best'] {
  if (together !== null && (first === undefined || compareGains(together.gain, first.gain) < 0)) {
    if (together.gain.verdict === 'better')
      return { tally: together.tally, advice: together.titles.join('; ') };
  }
  if (first === undefined) return { tally: now.tally, advice: 'things as they are' };
  return { tally: first.result.tally, advice: first.candidate.title };
}

function candidatesOf(
  { host }: ImportedCapture,
  machine: Machine,
  world: SimulatedWorld,
  functions: readonly FunctionFinding[],
): Candidate[] {
  const ats = functions.some(({ statements }) =>
    statements.some(({ topic, severity }) => topic === 'ats' && severity === 'warning'),
  );
  return [
    ...parameterCandidates(
      { 'vt-d': world.ranges === 'intel-vt-d', scalable: world.scalable, ats, always: true },
      world.crashParameters,
    ),
    ...driverCandidates(machine, host, functions),
    ...dumpTargetCandidates(machine, host, functions),
  ];
}

/** Both kernels of that era, in the mode that the machine is in. */
function eraSetup(setup: CrashSetup, name: string): CrashSetup {
  const profile = kernelProfile(name);
  const mode = ({ remapping }: CrashSetup['first']): Partial<CrashSetup['first']['remapping']> => ({
    enabled: remapping.enabled,
    mapsGraphics: remapping.mapsGraphics,
  });
  return {
    ...setup,
    first: { ...profile, remapping: { ...profile.remapping, ...mode(setup.first) } },
    second: { ...profile, remapping: { ...profile.remapping, ...mode(setup.second) } },
  };
}

function standingOf({ tally, byWorkload }: ExperimentResult, name: string): Standing {
  return { name, description: '', tally, byWorkload };
}

/** What is urgent first, then what was measured by its gain and effort, then the rest. */
function inOrder(advice: readonly Advice[]): Advice[] {
  const rank = ({ severity, measured }: Advice): number => {
    if (measured !== undefined) return 1;
    return severity === 'critical' ? 0 : 2;
  };
  return [...advice].sort((a, b) => {
    if (rank(a) !== rank(b) || a.measured === undefined || b.measured === undefined) return rank(a) - rank(b);
    const gain = compareGains(a.measured.gain, b.measured.gain);
    return gain || adviceKinds.indexOf(a.kind) - adviceKinds.indexOf(b.kind);
  });
}

function kernelOf(
  { host, machine }: ImportedCapture,
  world: SimulatedWorld,
  functions: readonly FunctionFinding[],
): AssessedKernel | null {
  const { nearest, ranges, second } = world;
  if (nearest === undefined || ranges === undefined || machine === undefined || second === undefined)
    return null;
  const defects: KernelDefect[] = knownDefects(ranges, nearest.version, {
    machine,
    host,
    functions,
    scalable: world.scalable,
  });
  return {
    ...(host.kernelRelease === undefined ? {} : { release: host.kernelRelease.value }),
    profile: second.name,
    match: nearest.match,
    reasons: nearest.reasons,
    effects: world.effects,
    defects,
  };
}

function lint(
  { host, machine }: ImportedCapture,
  world: SimulatedWorld,
  line: string | undefined,
): CommandLineFinding[] {
  if (line === undefined) return [];
  return lintCrashCommandLine(line, {
    ...(host.kernelRelease === undefined ? {} : { kernelRelease: host.kernelRelease.value }),
    ...(host.commandLine === undefined ? {} : { firstCommandLine: host.commandLine.value }),
    platform: world.platform.kind,
    translation: world.translation.state,
    ...(machine === undefined ? {} : { machine: crashMachineFacts(machine, host, unitsScale(machine)) }),
  });
}

function limitsOf({ machine }: ImportedCapture, world: SimulatedWorld): string[] {
  if (machine === undefined) return ['No source names a PCI function: nothing is simulated.'];
  const limits: string[] = [];
  if (world.ranges === undefined) limits.push(`Nothing is simulated: ${world.platform.text}`);
  if (world.ranges !== undefined && machine.units.length > 0 && world.translation.state === 'unknown') {
    limits.push('No source says whether the production kernel has DMA remapping on: it is taken to be on.');
  }
  if (machine.dumpTarget === undefined)
    limits.push('No disk controller is known: any device that works counts as a place for the dump.');
  const registers = machine.inferred.some(({ path }) => /^\/units\/\d+\/capability$/.test(path));
  if (registers)
    limits.push('No capture has the registers of the remapping units: those of a common server are taken.');
  const target = machine.functions.find(({ name }) => name === machine.dumpTarget);
  if (target?.endpoint.kind === 'idle') {
    limits.push(
      `The model has no engine for the dump target ${target.name}: its driver counts as working if it can be enabled.`,
    );
  }
  return limits;
}

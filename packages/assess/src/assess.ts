import type { CrashProcesses, PluginReference } from '@quiesce/benchmark';
import type { ImportedCapture } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';
import { inOrder } from './advice/in-order.ts';
import { standingAdvice } from './advice/standing-advice.ts';
import { withDumpPath } from './dump-path/with-dump-path.ts';
import { type FunctionFinding, functionFindings } from './functions/function-findings.ts';
import { assessedKernel } from './result/assessed-kernel.ts';
import type { Assessment } from './result/assessment.ts';
import { atRisk } from './result/at-risk.ts';
import { limitsOf } from './result/limits.ts';
import { lintCrashLine } from './result/lint-crash-line.ts';
import { summaryOf } from './result/summary.ts';
import { type SimulatedMachine, simulateMachine } from './simulate-machine.ts';
import { type SimulatedWorld, simulatedWorld, type WorldOptions } from './world/simulated-world.ts';
import { withoutBlacklistedDrivers } from './world/without-blacklisted-drivers.ts';

/** How an assessment is made. */
export interface AssessOptions extends WorldOptions {
  /** What changes and strategies are compared with; default: the kernels by themselves, without any hook. */
  readonly baseline?: PluginReference;
  /** Strategies to be simulated beside it; default none. */
  readonly strategies?: readonly PluginReference[];
  /** What strategies do, in a sentence each, by name. */
  readonly descriptions?: Readonly<Record<string, string>>;
  /** Crashes of each setup under each workload; default 4. */
  readonly seeds?: number;
  /** Processes that simulate; default 0, which runs everything in this one. */
  readonly workers?: number;
  /** Processes that several assessments share, in place of {@link workers} of its own; whoever made them closes them. */
  readonly processes?: CrashProcesses;
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
 * @throws UserError `KERNEL_UNKNOWN`, and for what is wrong with a strategy or its options
 */
export async function assess(capture: ImportedCapture, options: AssessOptions = {}): Promise<Assessment> {
  const { imported: targeted, dumpPath, assumed } = withDumpPath(capture);
  const { host } = targeted;
  const crashLine = options.crashCommandLine ?? host.crashCommandLine?.value;
  const driven =
    targeted.machine === undefined
      ? undefined
      : withoutBlacklistedDrivers(targeted.machine, host, crashLine ?? '');
  const machine = driven?.machine;
  const imported = machine === undefined ? targeted : { ...targeted, machine };
  const world = simulatedWorld(imported, options);
  const functions = machine === undefined ? [] : functionFindings(machine, host, dumpPath?.functions);
  const seeds = Array.from({ length: options.seeds ?? defaultSeeds }, (_, index) => index + 1);
  const kernel = assessedKernel(imported, world, functions);
  const { simulated, refused } = await simulateIfPossible(imported, world, functions, seeds, options);
  const standing = machine === undefined ? [] : standingAdvice(machine, host, dumpPath);
  const advice = inOrder([...standing, ...(simulated?.advice ?? [])]);
  const now = simulated?.now ?? null;
  const answer = summaryOf(world.platform, kernel, now, advice, refused);
  const findings = lintCrashLine(imported, world, crashLine, dumpPath);
  const isLineGrave = findings.some(({ severity }) => severity === 'critical');
  return {
    schema: 'quiesce/assessment/1',
    name: machine?.name ?? 'a capture without functions',
    severity: isLineGrave ? 'critical' : answer.severity,
    summary: isLineGrave
      ? `${answer.summary} The crash kernel's command line has a grave mistake.`
      : answer.summary,
    platform: world.platform,
    machine: {
      functions: functions.length,
      masters: functions.filter(({ masters }) => masters).length,
      units: machine?.units.map(({ name }) => name) ?? [],
      dumpTarget: machine?.dumpTarget ?? null,
      dumpPath,
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
    commandLine: { text: crashLine ?? null, findings },
    strategies: simulated?.strategies ?? [],
    kernels: simulated?.kernels ?? [],
    story: simulated?.story ?? null,
    limits: [
      ...(refused === undefined ? [] : [refused]),
      ...limitsOf(imported, world),
      ...assumed,
      ...(driven?.said ?? []),
    ],
    conflicts: imported.conflicts.map(({ what, used, reason }) => `${what}: ${used} is used (${reason})`),
    notes: imported.notes,
  };
}

/** Codes of mistakes that are not the machine's. */
const NOT_THE_MACHINE = /^(?:STRATEGY|PLUGIN|KERNEL|SEED)/;

/** A damaged capture can make a machine that the laboratory refuses: what its bytes say is told all the same. */
async function simulateIfPossible(
  imported: ImportedCapture,
  world: SimulatedWorld,
  functions: readonly FunctionFinding[],
  seeds: readonly number[],
  options: AssessOptions,
): Promise<{ readonly simulated?: SimulatedMachine | undefined; readonly refused?: string }> {
  const { machine } = imported;
  if (machine === undefined) return {};
  try {
    return { simulated: await simulateMachine(imported, machine, world, functions, seeds, options) };
  } catch (error) {
    if (!(error instanceof UserError) || NOT_THE_MACHINE.test(error.code)) throw error;
    return { refused: `This machine cannot be simulated: ${error.message}.` };
  }
}

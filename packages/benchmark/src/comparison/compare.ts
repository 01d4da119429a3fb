import type { KernelProfile } from '@quiesce/boot-sequencer';
import type { Machine } from '@quiesce/machine';
import type { PluginReference } from '../plugins/plugin-reference.ts';
import type { CrashProcesses } from '../worker/crash-processes.ts';
import { runTasks } from '../worker/run-tasks.ts';
import type { CrashTask, WorkerAnswer } from '../worker/task.ts';
import type { ComparedRun, Comparison, RunFailure } from './comparison.ts';
import { kernelName } from './kernel-name.ts';

/** What is to be compared. */
export interface ComparisonRequest {
  readonly machine: Machine;
  /** Each with a name of its own. */
  readonly strategies: readonly PluginReference[];
  /** Profiles of the second kernel: by name, or one of your own, each with a name of its own. */
  readonly kernels: readonly (string | KernelProfile)[];
  /** Profile of the first kernel; default: the one that goes with the second. */
  readonly firstKernel?: string | KernelProfile;
  /** Further parameters of the second kernel, beside `reset_devices` and those each strategy stands for. */
  readonly parameters?: readonly string[];
  readonly seeds: readonly number[];
  /** Worker threads; 0 runs everything in this thread, where a plugin that never returns cannot be stopped. */
  readonly workers: number;
  /** Seconds for one crash; default 30. */
  readonly timeLimitSeconds?: number;
  /** Told as runs are done. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** How comparisons are run. */
export interface ComparisonLimits
  extends Pick<ComparisonRequest, 'workers' | 'timeLimitSeconds' | 'onProgress'> {
  /** Processes that other comparisons have used or will use, in place of {@link ComparisonRequest.workers} of its own. */
  readonly processes?: CrashProcesses | undefined;
}

/** Seeds that one task takes: enough to hide what a task costs, few enough to share among threads. */
const GROUP = 10;

/**
 * Runs every strategy on every kernel with every seed. The result does not depend on the number of workers.
 * @throws UserError for what is wrong with the machine, a kernel, or a plugin's options
 */
export async function compare(request: ComparisonRequest): Promise<Comparison> {
  const [comparison] = await compareAll([request], request);
  return comparison as Comparison;
}

/**
 * Several comparisons in one go, which share workers: a strategy that many of them have is loaded once. Strategies are the
 * same if their references are the same object; one that could not end a run is not run again in any of them.
 * @throws UserError as {@link compare}
 */
export async function compareAll(
  requests: readonly Omit<ComparisonRequest, keyof ComparisonLimits>[],
  limits: ComparisonLimits,
): Promise<Comparison[]> {
  const tasks = withStrategiesTogether(requests.map(listTasks));
  const total = sum(tasks.map(({ task }) => task.seeds.length));
  const done = new Map<CrashTask, number>();
  let sofar = 0;
  const answers = await runTasks(
    tasks.map(({ task }) => task),
    {
      workers: limits.workers,
      processes: limits.processes,
      limitMs: (limits.timeLimitSeconds ?? 30) * 1000,
      onRuns: (task, runs) => {
        sofar += runs - (done.get(task) ?? 0);
        done.set(task, runs);
        limits.onProgress?.(sofar, total);
      },
    },
  );
  const runs = runsOf(
    tasks.map(({ task }) => task),
    answers,
  );
  return requests.map((request, at): Comparison => {
    const own = runs.filter((_, index) => tasks[index]?.request === at).flat();
    return {
      schema: 'quiesce/comparison/1',
      machine: {
        name: request.machine.name,
        functions: request.machine.functions.length,
        units: request.machine.units.length,
      },
      firstKernel: request.firstKernel === undefined ? 'same' : kernelName(request.firstKernel),
      runs: inOrder(request.kernels, own),
    };
  });
}

/** By the strategies' first appearance, so that no thread loads one twice without need. */
function withStrategiesTogether(
  tasks: readonly (readonly CrashTask[])[],
): { readonly request: number; readonly task: CrashTask }[] {
  const groups = new Map<PluginReference, { request: number; task: CrashTask }[]>();
  for (const [request, list] of tasks.entries()) {
    for (const task of list) {
      const group = groups.get(task.plugin);
      if (group === undefined) groups.set(task.plugin, [{ request, task }]);
      else group.push({ request, task });
    }
  }
  return [...groups.values()].flat();
}

function listTasks(request: Omit<ComparisonRequest, keyof ComparisonLimits>): CrashTask[] {
  const { machine, firstKernel, parameters, seeds } = request;
  const tasks: CrashTask[] = [];
  for (const plugin of request.strategies) {
    for (const kernel of request.kernels) {
      for (let at = 0; at < seeds.length; at += GROUP) {
        tasks.push({
          kind: 'crash',
          machine,
          plugin,
          kernel,
          firstKernel,
          parameters,
          seeds: seeds.slice(at, at + GROUP),
        });
      }
    }
  }
  return tasks;
}

/**
 * A strategy that could not end a task was not run again, and what other threads had begun by then does not count:
 * so the result is the same for any number of workers.
 */
function runsOf(
  tasks: readonly CrashTask[],
  answers: readonly (WorkerAnswer<'crash'> | undefined)[],
): (readonly ComparedRun[])[] {
  const failures = new Map<PluginReference, RunFailure>();
  return tasks.map((task, index) => {
    const answer = answers[index];
    if (answer !== undefined && 'failure' in answer && !failures.has(task.plugin)) {
      failures.set(task.plugin, answer.failure);
    }
    const failure = failures.get(task.plugin);
    if (failure === undefined && answer !== undefined && 'result' in answer) return answer.result;
    const { plugin, kernel, seeds } = task;
    return seeds.map((seed): ComparedRun => {
      return {
        strategy: plugin.name,
        kernel: kernelName(kernel),
        seed,
        outcome: null,
        failure: failure ?? null,
      };
    });
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, one) => total + one, 0);
}

/** By kernel, then strategy, then seed. */
function inOrder(kernels: ComparisonRequest['kernels'], runs: readonly ComparedRun[]): ComparedRun[] {
  return kernels.flatMap((kernel) => runs.filter((run) => run.kernel === kernelName(kernel)));
}

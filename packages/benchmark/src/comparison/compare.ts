import type { KernelProfile } from '@quiesce/boot-sequencer';
import type { Machine } from '@quiesce/machine';
import type { PluginReference } from '../plugins/plugin-reference.ts';
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

/** Seeds that one task takes: enough to hide what a task costs, few enough to share among threads. */
const GROUP = 10;

/**
 * Runs every strategy on every kernel with every seed. The result does not depend on the number of workers.
 * @throws UserError for what is wrong with the machine, a kernel, or a plugin's options
 */
export async function compare(request: ComparisonRequest): Promise<Comparison> {
  const tasks = listTasks(request);
  const total = sum(tasks.map((task) => task.seeds.length));
  const done = new Map<CrashTask, number>();
  const answers = await runTasks(tasks, {
    workers: request.workers,
    limitMs: (request.timeLimitSeconds ?? 30) * 1000,
    onRuns: (task, runs) => {
      done.set(task, runs);
      request.onProgress?.(sum([...done.values()]), total);
    },
  });
  return {
    schema: 'quiesce/comparison/1',
    machine: {
      name: request.machine.name,
      functions: request.machine.functions.length,
      units: request.machine.units.length,
    },
    firstKernel: request.firstKernel === undefined ? 'same' : kernelName(request.firstKernel),
    runs: inOrder(request, runsOf(tasks, answers)),
  };
}

/** A strategy's tasks stand together: they share a thread. */
function listTasks(request: ComparisonRequest): CrashTask[] {
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
): ComparedRun[] {
  const failures = new Map<PluginReference, RunFailure>();
  return tasks.flatMap((task, index) => {
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
function inOrder(request: ComparisonRequest, runs: readonly ComparedRun[]): ComparedRun[] {
  return request.kernels.flatMap((kernel) => runs.filter((run) => run.kernel === kernelName(kernel)));
}

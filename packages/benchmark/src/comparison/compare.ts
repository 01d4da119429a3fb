import type { Machine } from '@quiesce/machine';
import type { PluginReference } from '../plugins/plugin-reference.ts';
import type { Task } from '../worker/task.ts';
import { inThisThread, inWorkers, type TaskRunner } from '../worker/worker-pool.ts';
import type { Comparison } from './comparison.ts';

/** What is to be compared. */
export interface ComparisonRequest {
  readonly machine: Machine;
  readonly strategies: readonly PluginReference[];
  /** Profiles of the second kernel. */
  readonly kernels: readonly string[];
  /** Profile of the first kernel; default: the one that goes with the second. */
  readonly firstKernel?: string;
  readonly seeds: readonly number[];
  /** Worker threads; 0 runs everything in this thread, where a plugin that never returns cannot be stopped. */
  readonly workers: number;
  /** Seconds for one strategy over one group of seeds; default 30. */
  readonly timeLimitSeconds?: number;
  /** Told as runs are done. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Seeds that one task takes: enough to hide what a task costs, few enough to show progress. */
const GROUP = 10;

/**
 * Runs every strategy on every kernel with every seed. The result does not depend on the number of workers.
 * @throws UserError for what is wrong with the machine, a kernel, or a plugin's options
 */
export async function compare(request: ComparisonRequest): Promise<Comparison> {
  const tasks = listTasks(request);
  const total = tasks.reduce((sum, task) => sum + task.seeds.length, 0);
  const runner: TaskRunner =
    request.workers === 0
      ? inThisThread()
      : inWorkers(request.workers, (request.timeLimitSeconds ?? 30) * 1000);
  let done = 0;
  try {
    const results = await runAll(tasks, Math.max(1, request.workers), async (task) => {
      const runs = await runner.run(task);
      done += task.seeds.length;
      request.onProgress?.(done, total);
      return runs;
    });
    return {
      schema: 'quiesce/comparison/1',
      machine: {
        name: request.machine.name,
        functions: request.machine.functions.length,
        units: request.machine.units.length,
      },
      firstKernel: request.firstKernel ?? 'same',
      runs: results.flat(),
    };
  } finally {
    await runner.close();
  }
}

function listTasks(request: ComparisonRequest): Task[] {
  const tasks: Task[] = [];
  for (const kernel of request.kernels) {
    for (const plugin of request.strategies) {
      for (let at = 0; at < request.seeds.length; at += GROUP) {
        const seeds = request.seeds.slice(at, at + GROUP);
        tasks.push({ machine: request.machine, plugin, kernel, firstKernel: request.firstKernel, seeds });
      }
    }
  }
  return tasks;
}

/** At most `width` at once; results in the order of the tasks. */
async function runAll<T, R>(tasks: readonly T[], width: number, run: (task: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(tasks.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < tasks.length) {
      const index = next++;
      results[index] = await run(tasks[index] as T);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}

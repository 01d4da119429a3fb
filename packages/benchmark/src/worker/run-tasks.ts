import { setImmediate } from 'node:timers/promises';
import { UserError } from '@quiesce/simulation';
import type { PluginReference } from '../plugins/plugin-reference.ts';
import { CrashProcesses, type LaneProcess } from './crash-processes.ts';
import { runTask } from './run-task.ts';
import type { CrashTask, WorkerAnswer } from './task.ts';

type Answer = WorkerAnswer<'crash'>;

export interface TaskLimits {
  /** Processes at a time; 0 runs all in this one. */
  readonly workers: number;
  /** To be used instead of processes of its own; nobody else uses them meanwhile. */
  readonly processes?: CrashProcesses | undefined;
  /** Milliseconds for one crash. */
  readonly limitMs: number;
  /** Told how many crashes of a task are done, or will not be run. */
  readonly onRuns: (task: CrashTask, runs: number) => void;
}

/**
 * Runs tasks; those of one strategy are begun in their order. After a task that did not come to an end, those of the same strategy that have not
 * begun are left out: their answers are undefined.
 * @throws UserError the first that a task answers with; nothing more is begun then
 */
export async function runTasks(
  tasks: readonly CrashTask[],
  limits: TaskLimits,
): Promise<(Answer | undefined)[]> {
  const answers = new Array<Answer | undefined>(tasks.length).fill(undefined);
  const failed = new Set<PluginReference>();
  const queue = new TaskQueue(tasks);
  const lane = async (worker: LaneProcess | undefined): Promise<void> => {
    try {
      for (let index = queue.take(worker); index >= 0; index = queue.take(worker)) {
        const task = tasks[index] as CrashTask;
        let ran = 0;
        if (task.plugin.failure !== undefined) answers[index] = { failure: task.plugin.failure };
        else if (!failed.has(task.plugin)) {
          const onRun = (): void => limits.onRuns(task, ++ran);
          const answer = await (worker?.run(task, limits.limitMs, onRun) ?? runTask(task, onRun));
          if ('error' in answer) throw new UserError(answer.error.code, answer.error.message);
          if ('failure' in answer) failed.add(task.plugin);
          answers[index] = answer;
        }
        if (ran < task.seeds.length) limits.onRuns(task, task.seeds.length);
        // What shows progress gets its turn.
        if (worker === undefined) await setImmediate();
      }
    } catch (error) {
      queue.close();
      throw error;
    }
  };
  const { workers, processes } = limits;
  const own = processes === undefined && workers > 0 ? new CrashProcesses(workers) : undefined;
  const lanes = (processes ?? own)?.lanes.slice(0, Math.max(1, tasks.length)) ?? [undefined];
  const ends = await Promise.allSettled(lanes.map(lane));
  own?.close();
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return answers;
}

/**
 * Tasks that wait. A lane goes on with the strategy that it has loaded, then takes one that no other lane is at: loading
 * costs more than most tasks.
 */
class TaskQueue {
  /** Indices of each strategy's tasks, those that wait from `next` on. */
  readonly #waiting = new Map<PluginReference, { readonly indices: number[]; next: number }>();
  readonly #lanes = new Map<LaneProcess | undefined, PluginReference>();

  constructor(tasks: readonly CrashTask[]) {
    for (const [index, { plugin }] of tasks.entries()) {
      const queue = this.#waiting.get(plugin);
      if (queue === undefined) this.#waiting.set(plugin, { indices: [index], next: 0 });
      else queue.indices.push(index);
    }
  }

  /** Index of the next task for a lane, -1 if none waits. */
  take(lane: LaneProcess | undefined): number {
    const plugin = this.#choose(lane);
    const queue = plugin === undefined ? undefined : this.#waiting.get(plugin);
    if (plugin === undefined || queue === undefined) return -1;
    const index = queue.indices[queue.next++] as number;
    if (queue.next === queue.indices.length) this.#waiting.delete(plugin);
    this.#lanes.set(lane, plugin);
    return index;
  }

  /** Nothing is begun any more. */
  close(): void {
    this.#waiting.clear();
  }

  #choose(lane: LaneProcess | undefined): PluginReference | undefined {
    const loaded = this.#lanes.get(lane);
    if (loaded !== undefined && this.#waiting.has(loaded)) return loaded;
    const taken = new Set(this.#lanes.values());
    let any: PluginReference | undefined;
    for (const plugin of this.#waiting.keys()) {
      if (!taken.has(plugin)) return plugin;
      any ??= plugin;
    }
    return any;
  }
}

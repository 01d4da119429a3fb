import { UserError } from '@quiesce/simulation';
import { Piscina } from 'piscina';
import { runTask } from './run-task.ts';
import type { Task, TaskResult } from './task.ts';
import type { WorkerAnswer } from './worker.ts';

/** Runs tasks, each within its time. */
export interface TaskRunner {
  run(task: Task): Promise<TaskResult>;
  close(): Promise<void>;
}

/** Runs tasks one after the other in this thread: nothing can stop a plugin that never returns. */
export function inThisThread(): TaskRunner {
  return { run: runTask, close: async () => {} };
}

/**
 * Runs tasks in worker threads. A task that does not end within `limitMs` is ended with its thread, and each of its
 * runs is a failure `TIME_LIMIT` of its plugin; other tasks go on.
 */
export function inWorkers(threads: number, limitMs: number): TaskRunner {
  const pool = new Piscina<Task, WorkerAnswer>({
    filename: new URL('./worker.js', import.meta.url).href,
    minThreads: 1,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
  });
  return {
    run: async (task) => {
      const controller = new AbortController();
      let timer: NodeJS.Timeout | undefined;
      try {
        const answer = await Promise.race([
          pool.run(task, { signal: controller.signal }),
          new Promise<'late'>((resolve) => {
            timer = setTimeout(() => resolve('late'), limitMs);
          }),
        ]);
        if (answer === 'late') {
          controller.abort();
          return late(task, limitMs);
        }
        if ('error' in answer) throw new UserError(answer.error.code, answer.error.message);
        return answer.runs;
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => pool.destroy(),
  };
}

function late(task: Task, limitMs: number): TaskResult {
  const message = `did not return within ${limitMs / 1000} s`;
  return task.seeds.map((seed) => ({
    strategy: task.plugin.name,
    kernel: task.kernel,
    seed,
    outcome: null,
    failure: { code: 'TIME_LIMIT', message },
  }));
}

import { UserError } from '@quiesce/simulation';
import { runTask } from './run-task.ts';
import type { Task, TaskResult } from './task.ts';

/** What a worker answers: errors of the user cross as data, because classes do not. */
export type WorkerAnswer =
  | { readonly runs: TaskResult }
  | { readonly error: { code: string; message: string } };

/** Entry of a worker thread. */
export default async function work(task: Task): Promise<WorkerAnswer> {
  try {
    return { runs: await runTask(task) };
  } catch (error) {
    if (error instanceof UserError) return { error: { code: error.code, message: error.message } };
    throw error;
  }
}

import { crash } from '@quiesce/boot-sequencer';
import { UserError } from '@quiesce/simulation';
import type { ComparedRun } from '../comparison/comparison.ts';
import { loadPlugin } from '../plugins/load-plugin.ts';
import type { Task, TaskResult } from './task.ts';

/** Runs the crashes of a task. @throws UserError for what is wrong with the request, not with the plugin */
export async function runTask(task: Task): Promise<TaskResult> {
  const { machine, kernel, firstKernel } = task;
  const { name, module, options } = task.plugin;
  const strategy = await loadPlugin(module);
  return task.seeds.map((seed): ComparedRun => {
    try {
      const { outcome } = crash({
        machine,
        strategy,
        options,
        kernel,
        seed,
        ...(firstKernel === undefined ? {} : { firstKernel }),
      });
      const failure = outcome.strategyFailure;
      return { strategy: name, kernel, seed, outcome, failure };
    } catch (error) {
      if (error instanceof UserError) throw error;
      const message = error instanceof Error ? error.message : String(error);
      return { strategy: name, kernel, seed, outcome: null, failure: { code: 'THREW', message } };
    }
  });
}

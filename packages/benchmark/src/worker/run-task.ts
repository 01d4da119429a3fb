import { type CrashResult, crash } from '@quiesce/boot-sequencer';
import { UserError } from '@quiesce/simulation';
import type { ComparedRun, RunFailure } from '../comparison/comparison.ts';
import { kernelName } from '../comparison/kernel-name.ts';
import { type AnyPlugin, loadPlugin } from '../plugins/load-plugin.ts';
import { errorText } from './error-text.ts';
import type { CrashTask, StoryTask, Task, TaskResults, WorkerAnswer } from './task.ts';

/** Does what a task asks. Never throws: errors are data, so that they can leave a worker. `onRun` is told of each crash. */
export async function runTask<T extends Task>(
  task: T,
  onRun: () => void = () => {},
): Promise<WorkerAnswer<T['kind']>> {
  try {
    const strategy = await loadPlugin(task.plugin.module);
    return { result: perform(task, strategy, onRun) as TaskResults[T['kind']] };
  } catch (error) {
    if (!(error instanceof UserError)) return { failure: { code: 'INTERNAL', message: errorText(error) } };
    if (error.code === 'PLUGIN_IMPORT') {
      return { failure: { code: error.code, message: error.message.replace(`${task.plugin.module}: `, '') } };
    }
    return { error: { code: error.code, message: placed(error, task) } };
  }
}

/** What a run finds wrong with a machine has no place in a file any more: the machine's name stands for it. */
function placed(error: UserError, task: Task): string {
  const ofMachine = !/^(STRATEGY|PLUGIN|KERNEL|SEED)/.test(error.code) && error.place.file === undefined;
  return ofMachine && task.kind !== 'open' ? `${task.machine.name}: ${error.message}` : error.message;
}

function perform(task: Task, strategy: AnyPlugin, onRun: () => void): TaskResults[Task['kind']] {
  switch (task.kind) {
    case 'open':
      return { name: strategy.name };
    case 'crash':
      return task.seeds.map((seed) => {
        const { run } = runOnce(task, strategy, seed);
        onRun();
        return run;
      });
    case 'story': {
      const { run, log } = runOnce(task, strategy, task.seeds[0] ?? 1);
      return { run, log };
    }
  }
}

function runOnce(
  task: CrashTask | StoryTask,
  strategy: AnyPlugin,
  seed: number,
): { run: ComparedRun; log: CrashResult['log'] } {
  const { machine, kernel, firstKernel, parameters } = task;
  const { name, options } = task.plugin;
  const about = { strategy: name, kernel: kernelName(kernel), seed };
  try {
    const first = firstKernel === undefined ? {} : { firstKernel };
    const further =
      parameters === undefined
        ? {}
        : { commandLine: ['reset_devices', ...(strategy.kernelParameters ?? []), ...parameters] };
    const { outcome, log } = crash({ machine, strategy, options, kernel, seed, ...first, ...further });
    const failure = shortened(outcome.strategyFailure);
    return { run: { ...about, outcome: { ...outcome, strategyFailure: failure }, failure }, log };
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    return { run: { ...about, outcome: null, failure }, log: [] };
  }
}

/** Undefined for what is the user's mistake. What the simulation itself throws is `INTERNAL`: it has a defect. */
function failureOf(error: unknown): RunFailure | undefined {
  if (!(error instanceof UserError)) {
    return { code: 'INTERNAL', message: `the simulation failed: ${errorText(error)}` };
  }
  return error.code === 'STRATEGY_CREATE' ? { code: error.code, message: error.message } : undefined;
}

function shortened<T extends { readonly message: string } | null>(failure: T): T {
  return failure === null ? failure : { ...failure, message: errorText(failure.message) };
}

import type { Machine } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';
import type { PluginReference } from '../plugins/plugin-reference.ts';
import { PluginProcess } from '../worker/plugin-process.ts';
import { runTask } from '../worker/run-task.ts';
import type { RunStory, StoryTask } from '../worker/task.ts';

/** One run to be told. */
export interface StoryRequest {
  readonly machine: Machine;
  readonly strategy: PluginReference;
  readonly kernel: string;
  readonly firstKernel?: string;
  readonly seed: number;
  /** False runs in this process, without a time limit. */
  readonly worker: boolean;
  /** Default 30. */
  readonly timeLimitSeconds?: number;
  /** Told what the plugin prints by itself. */
  readonly onOutput?: (text: string) => void;
}

/**
 * Runs one crash and keeps its log.
 * @throws UserError for what is wrong with the machine, the kernel, or the plugin's options
 */
export async function tellStory(request: StoryRequest): Promise<RunStory> {
  const { machine, strategy, kernel, firstKernel, seed } = request;
  const failed = (failure: RunStory['run']['failure']): RunStory => ({
    run: { strategy: strategy.name, kernel, seed, outcome: null, failure },
    log: [],
  });
  if (strategy.failure !== undefined) return failed(strategy.failure);
  const task: StoryTask = { kind: 'story', machine, plugin: strategy, kernel, firstKernel, seeds: [seed] };
  const worker = new PluginProcess(request.onOutput);
  try {
    const limitMs = (request.timeLimitSeconds ?? 30) * 1000;
    const answer = request.worker ? await worker.run(task, limitMs) : await runTask(task);
    if ('error' in answer) throw new UserError(answer.error.code, answer.error.message);
    return 'failure' in answer ? failed(answer.failure) : answer.result;
  } finally {
    worker.close();
  }
}

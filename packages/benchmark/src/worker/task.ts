import type { CrashResult, KernelProfile } from '@quiesce/boot-sequencer';
import type { Machine } from '@quiesce/machine';
import type { ComparedRun, RunFailure } from '../comparison/comparison.ts';
import type { PluginReference } from '../plugins/plugin-reference.ts';

/** Load a plugin and tell its name. */
export interface OpenTask {
  readonly kind: 'open';
  readonly plugin: PluginReference;
}

/** Some crashes of one strategy, to be run in one go. */
export interface CrashTask {
  readonly kind: 'crash';
  readonly machine: Machine;
  readonly plugin: PluginReference;
  readonly kernel: string | KernelProfile;
  readonly firstKernel: string | KernelProfile | undefined;
  /** Further parameters of the second kernel, beside those that `crash` gives it by itself. */
  readonly parameters?: readonly string[] | undefined;
  readonly seeds: readonly number[];
}

/** One crash, with its log. */
export interface StoryTask extends Omit<CrashTask, 'kind'> {
  readonly kind: 'story';
}

/** What a worker is asked. Plain data: it crosses to a thread. */
export type Task = OpenTask | CrashTask | StoryTask;

/** One run as its kernels logged it, and what came of it. */
export interface RunStory {
  readonly run: ComparedRun;
  readonly log: CrashResult['log'];
}

export interface TaskResults {
  readonly open: { readonly name: string };
  readonly crash: readonly ComparedRun[];
  readonly story: RunStory;
}

/** What a worker answers: errors of the user cross as data, because classes do not. */
export type WorkerAnswer<Kind extends Task['kind'] = Task['kind']> =
  | { readonly result: TaskResults[Kind] }
  | { readonly error: { readonly code: string; readonly message: string } }
  | { readonly failure: RunFailure };

/** What a worker says: `run` after each crash of a task but the last word, which is its answer. */
export type WorkerMessage<Kind extends Task['kind'] = Task['kind']> = 'run' | WorkerAnswer<Kind>;

import type { Machine } from '@quiesce/machine';
import type { ComparedRun } from '../comparison/comparison.ts';
import type { PluginReference } from '../plugins/plugin-reference.ts';

/** Some crashes of one strategy, to be run in one go. Plain data: it crosses to a worker. */
export interface Task {
  readonly machine: Machine;
  readonly plugin: PluginReference;
  readonly kernel: string;
  readonly firstKernel: string | undefined;
  readonly seeds: readonly number[];
}

export type TaskResult = readonly ComparedRun[];

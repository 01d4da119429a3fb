import { assert } from '@quiesce/simulation';
import type { PluginReference } from '../plugins/plugin-reference.ts';
import { PluginProcess } from './plugin-process.ts';
import type { CrashTask, WorkerAnswer } from './task.ts';

/**
 * Processes that simulate, for comparisons one after the other: those that serve trusted strategies stay and need not be
 * started, nor warm up, for each. None is started before it is needed.
 */
export class CrashProcesses {
  /** One for each that runs at a time. */
  readonly lanes: readonly LaneProcess[];

  /** @param count at a time, at least 1 */
  constructor(count: number) {
    assert(count >= 1, `${count} processes simulate nothing`);
    this.lanes = Array.from({ length: count }, () => new LaneProcess());
  }

  /** Ends all of them. */
  close(): void {
    for (const lane of this.lanes) lane.close();
  }
}

/** The process of a lane: another one for each strategy, but for those that are trusted. */
export class LaneProcess {
  #serves: PluginReference | undefined;
  #worker: PluginProcess | undefined;

  /** Runs a task, each crash of it within `limitMs`; `onRun` is told of each. One task at a time. */
  async run(task: CrashTask, limitMs: number, onRun: () => void): Promise<WorkerAnswer<'crash'>> {
    const { plugin } = task;
    const serves = this.#serves;
    if (serves !== plugin && !(serves?.trusted === true && plugin.trusted === true)) this.close();
    this.#worker ??= new PluginProcess();
    this.#serves = plugin;
    return this.#worker.run(task, limitMs, onRun);
  }

  close(): void {
    this.#worker?.close();
    this.#worker = undefined;
  }
}

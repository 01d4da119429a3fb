import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { findPlugin } from '@quiesce/benchmark';
import type { Machine } from '@quiesce/machine';
import { assert, UserError } from '@quiesce/simulation';
import type { HookName } from '@quiesce/strategy';
import type { StoppedGuest } from '../guest/stopped-guest.ts';
import { AccessAnswers } from './answer-access.ts';
import { emptyReport, type HookFailure, type HookReport } from './hook-report.ts';
import type { HookSituation } from './hook-situation.ts';
import { stopFor } from './hook-stops.ts';
import { PluginProcess, type ProcessEnd } from './plugin-process.ts';
import { FrameKind } from './protocol/frames.ts';
import { decodeMessage, type Order, type OrderAnswer } from './protocol/messages.ts';
import { labLimits, type WorkerLimits } from './worker-limits.ts';

/** What a {@link StrategyWorker} is made of. */
export interface StrategyWorkerOptions {
  /** Specifier, absolute path or file URL of the module whose default export is the plugin. */
  readonly module: string;
  /** As a user writes them; the plugin's schema resolves them. */
  readonly options?: unknown;
  /** Parameters of the second kernel. */
  readonly commandLine: readonly string[];
  /** What the guest runs on: root complexes with their ECAM windows, units with their scopes, drivers. */
  readonly machine: Machine;
  readonly limits?: Partial<WorkerLimits>;
  /** Is told each line that the strategy logs, at once. */
  readonly onLine?: (line: string) => void;
}

/**
 * One strategy, in a process of its own, for one run of a real kernel. Its hooks are plain synchronous functions; each of
 * their accesses holds that process until the guest has answered. The process ends with this one, whatever ends that.
 */
export class StrategyWorker {
  /** Name of the plugin. */
  readonly name: string;
  /** The hooks that it has, in the order in which a crash reaches them. */
  readonly hooks: readonly HookName[];
  /** Parameters of the second kernel that it stands for. */
  readonly kernelParameters: readonly string[];
  readonly #process: PluginProcess;
  readonly #computeMs: number;
  readonly #onLine: ((line: string) => void) | undefined;
  #failure: HookFailure | null = null;
  #busy = false;

  private constructor(
    process: PluginProcess,
    started: Extract<OrderAnswer, { type: 'started' }>,
    computeMs: number,
    onLine: ((line: string) => void) | undefined,
  ) {
    this.#process = process;
    this.#computeMs = computeMs;
    this.#onLine = onLine;
    this.name = started.name;
    this.hooks = started.hooks;
    this.kernelParameters = started.kernelParameters;
  }

  /**
   * Loads the plugin and makes its strategy.
   * @throws UserError `STRATEGY_UNKNOWN`, `PLUGIN_IMPORT`, `PLUGIN_SHAPE`, `STRATEGY_OPTIONS`, `STRATEGY_CREATE`; one that
   *   does not come to an end is `PLUGIN_IMPORT`, too
   */
  static async start(options: StrategyWorkerOptions): Promise<StrategyWorker> {
    const limits = { ...labLimits, ...options.limits };
    const module = moduleUrl(options.module);
    const process = await PluginProcess.start();
    try {
      const { accesses, waitMs } = limits;
      const { commandLine, machine } = options;
      const answer = await process.order(
        {
          type: 'start',
          module,
          options: options.options,
          commandLine,
          machine,
          limits: { accesses, waitMs },
        },
        () => {},
        (frame) => assertNoAccess(frame.kind),
        limits.loadMs,
      );
      if ('ended' in answer) throw notLoaded(options.module, answer.ended);
      const message = decodeMessage<OrderAnswer>(answer.body);
      if (message.type === 'refused') throw new UserError(message.code, message.message);
      assert(message.type === 'started', `a strategy's process said ${message.type} first`);
      return new StrategyWorker(process, message, limits.computeMs, options.onLine);
    } catch (error) {
      await process.close();
      throw error;
    }
  }

  /**
   * Runs a hook, or all initcalls of a level, against a guest that is held where {@link stopFor} says. What goes wrong in
   * the strategy is in the report; once something has, no hook of it runs any more, as in the model.
   * @throws what the guest throws, and `UserError LAB_DEVICE` if the situation names what is not there
   */
  run(hook: HookName, situation: HookSituation, guest: StoppedGuest): Promise<HookReport> {
    assert(this.hooks.includes(hook), `${this.name} has no ${hook}`);
    return this.#run(hook, { type: 'run', hook, situation }, guest);
  }

  /** Runs what a hook has put off, as its {@link HookReport.scheduled} names it, with the same rules. */
  runScheduled(id: number, situation: HookSituation, guest: StoppedGuest): Promise<HookReport> {
    return this.#run('iommuFault', { type: 'run-scheduled', id, situation }, guest);
  }

  /** Ends the process; a hook that runs is given up. */
  async close(): Promise<void> {
    await this.#process.close();
  }

  async #run(hook: HookName, order: Order, guest: StoppedGuest): Promise<HookReport> {
    assert(!this.#busy, 'one hook at a time');
    if (this.#failure !== null) return { ...emptyReport(hook), failure: this.#failure };
    this.#busy = true;
    const lines: string[] = [];
    const accesses = new AccessAnswers(guest);
    try {
      const answer = await this.#process.order(
        order,
        (line) => {
          lines.push(line);
          this.#onLine?.(line);
        },
        (frame) => accesses.answer(frame),
        this.#computeMs,
      );
      await accesses.restoreLatch();
      const report = 'ended' in answer ? endedReport(hook, answer.ended) : reportIn(answer.body);
      this.#failure = report.failure;
      return { ...report, lines };
    } catch (error) {
      // Whoever holds the guest has other troubles than this process.
      await this.#process.close();
      throw error;
    } finally {
      this.#busy = false;
    }
  }
}

function assertNoAccess(kind: number): never {
  assert(kind === FrameKind.line, 'a plugin has no access while it is loaded');
  throw new Error('unreachable');
}

function moduleUrl(module: string): string {
  if (module.startsWith('file:')) return module;
  if (path.isAbsolute(module)) return pathToFileURL(module).href;
  return findPlugin(module, [process.cwd(), import.meta.dirname]);
}

function reportIn(body: Uint8Array): Omit<HookReport, 'lines'> {
  const message = decodeMessage<OrderAnswer>(body);
  if (message.type === 'refused') throw new UserError(message.code, message.message);
  assert(message.type === 'report', `a strategy's process said ${message.type} after a hook`);
  return message.report;
}

function endedReport(hook: HookName, end: ProcessEnd): Omit<HookReport, 'lines'> {
  const phase = stopFor(hook)?.phase ?? 'device_initcalls';
  return { ...emptyReport(hook), failure: { ...end, phase } };
}

function notLoaded(module: string, end: ProcessEnd): UserError {
  return new UserError('PLUGIN_IMPORT', `cannot load the strategy ${module}: it ${end.message}`);
}

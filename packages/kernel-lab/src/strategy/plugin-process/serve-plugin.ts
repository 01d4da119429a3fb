import { loadPlugin } from '@quiesce/benchmark';
import { UserError } from '@quiesce/simulation';
import { type HookName, hookMethods, initcallLevels, resolveOptions } from '@quiesce/strategy';
import { stopFor } from '../hook-stops.ts';
import type { Order } from '../protocol/messages.ts';
import { GuestChannel } from './guest-channel.ts';
import { HookRunner } from './hook-runner.ts';

/** The socket that the lab gave this process. */
const CHANNEL = 3;

const channel = new GuestChannel(CHANNEL);

/** What a plugin left to fail behind everybody's back. */
let stray: string | undefined;
const note = (thrown: unknown): void => {
  stray ??= thrown instanceof Error ? thrown.message : String(thrown);
};
process.on('unhandledRejection', note);
process.on('uncaughtException', note);

const first = channel.order();
const runner = first.type === 'start' ? await started(first) : undefined;

while (runner !== undefined) {
  const order = channel.order();
  if (order.type === 'start') break;
  try {
    const report =
      order.type === 'run'
        ? runner.run(order.hook, order.situation)
        : runner.runScheduled(order.id, order.situation);
    // What was rejected meanwhile is heard of one turn later.
    await new Promise((resolve) => setImmediate(resolve));
    const phase = stopFor(report.hook)?.phase ?? 'device_initcalls';
    const asynchronous =
      stray === undefined ? null : { code: 'ASYNC', message: `failed outside of any hook: ${stray}`, phase };
    channel.answer({ type: 'report', report: { ...report, failure: report.failure ?? asynchronous } });
  } catch (error) {
    refuse(error);
  }
}

async function started(order: Extract<Order, { type: 'start' }>): Promise<HookRunner | undefined> {
  const { machine, limits } = order;
  try {
    const plugin = await loadPlugin(order.module);
    const options = resolveOptions(plugin, order.options);
    const strategy = created(plugin.name, () => plugin.create(options));
    const made = new HookRunner({
      strategy,
      options,
      commandLine: new Set(order.commandLine),
      machine,
      limits,
      guest: channel,
      line: (text) => channel.line(text),
    });
    const initcalls = initcallLevels.filter((level) =>
      strategy.initcalls?.some((initcall) => initcall.level === level),
    );
    const hooks: HookName[] = [
      ...hookMethods.filter((hook) => strategy[hook] !== undefined),
      ...initcalls.map((level) => `initcall:${level}` as const),
    ];
    const { name, kernelParameters = [] } = plugin;
    channel.answer({ type: 'started', name, hooks, kernelParameters });
    return made;
  } catch (error) {
    refuse(error);
    return undefined;
  }
}

/** @throws UserError `STRATEGY_CREATE` if the plugin throws */
function created<T>(name: string, create: () => T): T {
  try {
    return create();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UserError('STRATEGY_CREATE', `the strategy ${name} cannot be made: ${message}`);
  }
}

/** A user's mistake is the lab's to tell; anything else is a defect of ours and ends this process. */
function refuse(error: unknown): void {
  if (!(error instanceof UserError)) {
    console.error(error);
    process.exit(1);
  }
  channel.answer({ type: 'refused', code: error.code, message: error.message });
}

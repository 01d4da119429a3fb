import {
  type HookName,
  hookMethods,
  type IommuInitContext,
  type IrqRemapInitContext,
  type Strategy,
  type StrategyPlugin,
} from '@quiesce/strategy';
import { stopFor } from './hook-stops.ts';
import { pointAtInterruptTable, pointAtRootTable } from './point-unit.ts';

/** Nothing on a PC resets a host bridge for a kernel that asks. */
const noFirmware = { hostBridges: [], resetHostBridge: (): void => {} };

/**
 * A plugin that has on the model exactly the limits that it has in the lab, so that a prediction and a run of a kernel
 * are about the same thing. Apart from these it is the plugin itself:
 *
 * - `adoptRootTable` and `adoptInterruptTable` point the unit at the table; the kernel's driver does not learn of it, nor
 *   of domains, entries and domain IDs that a strategy hands over;
 * - after `irqRemapInit` and `iommuInit` the kernel initialises its units by itself, unless the hook made it do so
 *   before: it does it once, for all its units;
 * - hooks without a {@link stopFor | stop} are not run, and firmware resets no host bridge.
 */
export function asTheLabRunsIt<Options>(plugin: StrategyPlugin<Options>): StrategyPlugin<Options> {
  return { ...plugin, create: (options) => limited(plugin.create(options)) };
}

// biome-ignore lint/suspicious/noExplicitAny: contexts of any hook
type Context = any;

function limited<Options>(strategy: Strategy<Options>): Strategy<Options> {
  const limitedHooks: Record<string, unknown> = {};
  const given = strategy as unknown as Record<string, ((ctx: Context) => unknown) | undefined>;
  for (const hook of hookMethods) {
    const method = given[hook];
    if (method === undefined) continue;
    const run =
      stopFor(hook) === undefined ? undefined : limitedHook(hook, (ctx) => method.call(strategy, ctx));
    limitedHooks[hook] = run;
  }
  const initcalls = strategy.initcalls?.map((initcall) => ({
    ...initcall,
    run: limitedHook(`initcall:${initcall.level}`, (ctx) => initcall.run(ctx)),
  }));
  return {
    ...strategy,
    ...limitedHooks,
    ...(initcalls === undefined ? {} : { initcalls }),
  } as Strategy<Options>;
}

function limitedHook(hook: HookName, run: (ctx: Context) => unknown): (ctx: Context) => unknown {
  if (hook === 'irqRemapInit') return (ctx) => withKernel(ctx, interruptKernel(ctx), run);
  if (hook === 'iommuInit') return (ctx) => withKernel(ctx, translationKernel(ctx), run);
  if (hook === 'setupArch' || hook.startsWith('initcall:')) {
    return (ctx) => run(Object.create(ctx, { firmware: { value: noFirmware, enumerable: true } }));
  }
  return run;
}

/** Runs a hook, and then the kernel's own initialisation, if the hook has not. */
function withKernel(ctx: Context, kernel: { initialise(): void }, run: (ctx: Context) => unknown): unknown {
  // What the hook lacks goes on throwing: the new context inherits it.
  const returned = run(Object.create(ctx, { kernel: { value: kernel, enumerable: true } }));
  kernel.initialise();
  return returned;
}

function once(initialise: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    initialise();
  };
}

function interruptKernel(ctx: IrqRemapInitContext): IrqRemapInitContext['kernel'] {
  const { kernel } = ctx;
  const initialise = once(() => kernel.initialise());
  return {
    initialise,
    initialiseUnit: initialise,
    invalidateTranslations: (unit) => kernel.invalidateTranslations(unit),
    invalidateInterruptEntries: (unit) => kernel.invalidateInterruptEntries(unit),
    adoptInterruptTable: (unit, table) =>
      pointAtInterruptTable(unit, ctx.delay, table, kernel.invalidateInterruptEntries),
  };
}

function translationKernel(ctx: IommuInitContext): IommuInitContext['kernel'] {
  const { kernel } = ctx;
  const initialise = once(() => kernel.initialise());
  return {
    translates: kernel.translates,
    initialise,
    initialiseUnit: initialise,
    invalidateTranslations: (unit) => kernel.invalidateTranslations(unit),
    adoptRootTable: (unit, root) => pointAtRootTable(unit, ctx.delay, root, kernel.invalidateTranslations),
    reserveDomainId: () => {},
    adoptEntry: () => {},
    adoptDomain: () => {},
  };
}

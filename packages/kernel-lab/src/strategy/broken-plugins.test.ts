import { crash } from '@quiesce/boot-sequencer';
import { preset } from '@quiesce/machine';
import type { HookName, StrategyPlugin } from '@quiesce/strategy';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { asTheLabRunsIt } from './lab-semantics.ts';
import { type BundledLab, bundleLab } from './testing/bundle-lab.ts';
import { guestAt, labMemory } from './testing/guest-at.ts';
import { PluginFiles } from './testing/plugin-file.ts';
import { labLimits, type WorkerLimits } from './worker-limits.ts';

let lab: BundledLab;
const files = new PluginFiles();
beforeAll(async () => {
  lab = await bundleLab();
});
afterAll(async () => {
  files.dispose();
  await lab.dispose();
});

const machine = preset('q35-lab');

interface Broken {
  readonly hook: HookName;
  readonly code: string;
  readonly source: string;
  readonly limits?: Partial<WorkerLimits>;
}

/** Each with the hook that it breaks a rule in, and limits where these are what it breaks. */
const broken: readonly Broken[] = [
  { hook: 'setupArch', code: 'CONFIG_ACCESS', source: 'setupArch(ctx) { ctx.type1.read8(0, 0, 0, 0x100); }' },
  {
    hook: 'setupArch',
    code: 'CONFIG_ACCESS',
    source: 'setupArch(ctx) { ctx.type1.write32(0, 32, 0, 4, 0); }',
  },
  { hook: 'crash', code: 'CONFIG_ACCESS', source: 'crash(ctx) { ctx.mmconfig.read32(0, 1, 0, 0, 2); }' },
  { hook: 'crash', code: 'SERVICE_NOT_AVAILABLE', source: 'crash(ctx) { ctx.pages.allocate(); }' },
  { hook: 'setupArch', code: 'SERVICE_NOT_AVAILABLE', source: 'setupArch(ctx) { ctx.devices.length; }' },
  {
    hook: 'setupArch',
    code: 'SERVICE_NOT_AVAILABLE',
    source: 'setupArch(ctx) { try { ctx.units; } catch { } ctx.schedule(1, () => {}); }',
  },
  {
    hook: 'initcall:arch',
    code: 'SERVICE_NOT_AVAILABLE',
    source: "initcalls: [{ level: 'arch', name: 'early', run: (ctx) => ctx.devices.find(0, 1, 0, 0) }]",
  },
  {
    hook: 'initcall:fs_sync',
    code: 'MEMORY_NOT_OWNED',
    source: "initcalls: [{ level: 'fs_sync', name: 'a', run: (ctx) => ctx.memory.write32(0x1000000, 1) }]",
  },
  {
    hook: 'iommuInit',
    code: 'MEMORY_NOT_OWNED',
    source: 'iommuInit(ctx) { ctx.pages.allocate(); ctx.memory.write32(0x10, 1); }',
  },
  { hook: 'setupArch', code: 'BUDGET_EXHAUSTED', source: 'setupArch(ctx) { ctx.delay(NaN); }' },
  { hook: 'setupArch', code: 'BUDGET_EXHAUSTED', source: 'setupArch(ctx) { ctx.delay(1); ctx.delay(-1); }' },
  {
    hook: 'crash',
    code: 'BUDGET_EXHAUSTED',
    source: 'crash(ctx) { for (;;) ctx.delay(100); }',
    limits: { waitMs: 1000 },
  },
  {
    hook: 'crash',
    code: 'BUDGET_EXHAUSTED',
    source: 'crash(ctx) { for (;;) ctx.mmconfig.read8(0, 0, 0, 0, 0); }',
    limits: { accesses: 99 },
  },
  {
    hook: 'setupArch',
    code: 'THREW',
    source: "setupArch(ctx) { ctx.log('so far'); throw new TypeError('no further'); }",
  },
  { hook: 'setupArch', code: 'THREW', source: 'async setupArch(ctx) {}' },
];

it.each(broken)('$code of $source, as in the model', async ({ hook, code, source, limits = {} }) => {
  const module = files.write(source);
  const plugin = ((await import(/* @vite-ignore */ module)) as { default: StrategyPlugin }).default;
  const commandLine = ['reset_devices'];
  const { outcome, host } = crash({
    machine,
    strategy: code === 'THREW' ? throwsWhatIsNoPromise(plugin) : asTheLabRunsIt(plugin),
    kernel: 'linux-6',
    seed: 1,
    commandLine,
    limits: { ...labLimits, ...limits },
  });
  const worker = await lab.StrategyWorker.start({ module, commandLine, machine, limits });
  try {
    const guest = guestAt(hook === 'crash' ? 'crash' : hook === 'setupArch' ? 'setupArch' : 'iommuInit');
    const report = await worker.run(hook, { memory: labMemory }, guest.stopped);
    expect(report.failure?.code).toBe(code);
    expect(report.failure).toEqual(outcome.strategyFailure);
    expect(report.violations).toEqual(
      host.violations.map(({ code, phase, message }) => ({ code, phase, message })),
    );
    // As in the model, nothing of it runs any more.
    const again = await worker.run(hook, { memory: labMemory }, guest.stopped);
    expect(again).toMatchObject({ failure: report.failure, lines: [], accesses: { config: 0 } });
  } finally {
    await worker.close();
  }
});

/** What loading a plugin adds to it, in the lab and in a comparison: hooks that answer with a promise throw. */
function throwsWhatIsNoPromise(plugin: StrategyPlugin): StrategyPlugin {
  const create = (options: unknown): ReturnType<StrategyPlugin['create']> => {
    const strategy = plugin.create(options);
    const setupArch = (ctx: unknown): void => {
      const returned = (strategy.setupArch as unknown as (ctx: unknown) => unknown)(ctx);
      if (returned instanceof Promise) throw new Error('setupArch returned a promise; hooks are synchronous');
    };
    return { ...strategy, setupArch };
  };
  return { ...plugin, create };
}

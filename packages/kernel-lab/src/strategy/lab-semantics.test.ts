import { type CrashResult, crash } from '@quiesce/boot-sequencer';
import { preset } from '@quiesce/machine';
import { defineStrategy, type StrategyPlugin } from '@quiesce/strategy';
import { expect, it } from 'vitest';
import { asTheLabRunsIt } from './lab-semantics.ts';

type Calls = unknown[];

/** Notes which registers of the unit are written, and says what `hooks` makes of it. */
function crashed(
  hooks: (calls: Calls) => object,
  kernel = 'linux-3.10',
): { calls: Calls; result: CrashResult } {
  const calls: Calls = [];
  const plugin: StrategyPlugin = defineStrategy({
    name: 'probe',
    description: 'A probe.',
    sources: [],
    create: () => ({ name: 'probe', description: 'A probe.', sources: [], ...hooks(calls) }),
  });
  const result = crash({ machine: preset('q35-lab'), strategy: asTheLabRunsIt(plugin), kernel, seed: 1 });
  return { calls, result };
}

const RTADDR = 0x20;
const GSTS = 0x1c;

it('points the unit at an adopted root table, and the kernel initialises it all the same', () => {
  let adopted = 0;
  const { result } = crashed(() => ({
    // biome-ignore lint/suspicious/noExplicitAny: the context of the hook
    iommuInit(ctx: any) {
      const [unit] = ctx.units;
      adopted = ctx.pages.allocate();
      ctx.kernel.adoptRootTable(unit, { address: adopted, scalable: false });
      expect(unit.read32(RTADDR)).toBe(adopted);
      ctx.kernel.reserveDomainId(unit, 7);
      ctx.kernel.adoptEntry(unit, { requesterId: 0x100, domainId: 7 });
      expect(ctx.firmware).toBe(undefined);
    },
  }));
  expect(result.outcome.strategyFailure).toMatchObject({ code: 'SERVICE_NOT_AVAILABLE' });
  expect(adopted).toBeGreaterThan(0);

  const { result: whole } = crashed(() => ({
    // biome-ignore lint/suspicious/noExplicitAny: the context of the hook
    iommuInit(ctx: any) {
      adopted = ctx.pages.allocate();
      ctx.kernel.adoptRootTable(ctx.units[0], { address: adopted, scalable: false });
    },
  }));
  expect(whole.outcome.strategyFailure).toBeNull();
  const [unit] = whole.world.hardware.units;
  expect(unit?.readRegister32(GSTS)).toBeGreaterThanOrEqual(0x8000_0000);
  expect(unit?.readRegister32(RTADDR)).not.toBe(adopted);
});

it('the kernel initialises its units once, whenever the hook says so, or afterwards', () => {
  const { calls, result } = crashed((calls) => ({
    // biome-ignore lint/suspicious/noExplicitAny: the context of the hook
    iommuInit(ctx: any) {
      calls.push(ctx.units[0].read32(RTADDR));
      ctx.kernel.initialiseUnit(ctx.units[0]);
      calls.push(ctx.units[0].read32(RTADDR));
      ctx.kernel.initialise();
      calls.push(ctx.units[0].read32(RTADDR));
    },
  }));
  expect(result.outcome.strategyFailure).toBeNull();
  expect(calls[0]).not.toBe(calls[1]);
  expect(calls[1]).toBe(calls[2]);
});

it('leaves out hooks that no stop of a kernel stands for, and resets by firmware', () => {
  const { calls, result } = crashed((calls) => ({
    iommuFault: () => calls.push('iommuFault'),
    // biome-ignore lint/suspicious/noExplicitAny: the context of the hook
    setupArch: (ctx: any) => calls.push(`setupArch ${ctx.firmware.hostBridges.length}`),
    initcalls: [
      // biome-ignore lint/suspicious/noExplicitAny: the context of the hook
      { level: 'fs_sync', name: 'a', run: (ctx: any) => calls.push(`fs_sync ${ctx.devices.length > 5}`) },
    ],
  }));
  expect(result.outcome.strategyFailure).toBeNull();
  expect(calls).toEqual(['setupArch 0', 'fs_sync true']);
});

it('a strategy that hands nothing over does the same with and without', () => {
  const strategy = defineStrategy({
    name: 'probe',
    description: 'A probe.',
    sources: [],
    create: () => ({
      name: 'probe',
      description: 'A probe.',
      sources: [],
      crash: (ctx) => ctx.mmconfig.write16(0, 1, 0, 0, 4, 0),
    }),
  });
  const hash = (plugin: StrategyPlugin): string =>
    crash({ machine: preset('q35-lab'), strategy: plugin, kernel: 'linux-6', seed: 2 }).outcome.traceHash;
  expect(hash(asTheLabRunsIt(strategy as StrategyPlugin))).toBe(hash(strategy as StrategyPlugin));
});

import { preset } from '@quiesce/machine';
import { RunningHash } from '@quiesce/simulation';
import { type HookName, resolveOptions, type StrategyPlugin } from '@quiesce/strategy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HookSituation } from './hook-situation.ts';
import { type BundledLab, bundleLab, strategyFolders } from './testing/bundle-lab.ts';
import { guestAt, labMemory, type Place, worldAfter } from './testing/guest-at.ts';

let lab: BundledLab;
beforeAll(async () => {
  lab = await bundleLab();
});
afterAll(() => lab.dispose());

const machine = preset('q35-lab');

/** Where the default takes long: half a million dwords of copied tables. */
const quicker: Readonly<Record<string, object>> = { 'strategy-scratch-page': { reads: 'sink' } };

const situation: HookSituation = {
  memory: labMemory,
  device: '0000:01:00.0',
  fault: { unit: 'dmar0', requesterId: 0x100, address: 0xffff_c000, write: true, reason: 5 },
  error: { rootPort: '0000:00:01.0', sourceId: 0x100, severity: 'fatal' },
};

async function pluginOf(folder: string): Promise<StrategyPlugin> {
  const module = (await import(`../../../${folder}/src/index.ts`)) as { default: StrategyPlugin };
  return module.default;
}

function start(folder: string, plugin: StrategyPlugin): ReturnType<BundledLab['StrategyWorker']['start']> {
  const module = lab.strategies.get(folder) ?? '';
  const commandLine = ['reset_devices', ...(plugin.kernelParameters ?? [])];
  const options = quicker[folder];
  return lab.StrategyWorker.start({ module, options, commandLine, machine });
}

/** Where the model is stopped for a hook; the device list of a later one is that of iommuInit. */
function placeOf(hook: HookName): Place {
  const places: readonly HookName[] = ['crash', 'iommuCrashShutdown', 'setupArch', 'irqRemapInit'];
  return places.includes(hook) ? (hook as Place) : 'iommuInit';
}

describe.each(strategyFolders())('%s', (folder) => {
  it('runs each of its hooks, and writes no memory but its own', async () => {
    const plugin = await pluginOf(folder);
    const worker = await start(folder, plugin);
    try {
      expect(worker.name).toBe(plugin.name);
      for (const hook of worker.hooks) {
        const guest = guestAt(placeOf(hook));
        const latch = guest.world.hardware.type1.in(0xcf8, 4);
        const report = await worker.run(hook, situation, guest.stopped);
        expect(report).toMatchObject({ hook, failure: null, violations: [] });
        expect(guest.world.hardware.type1.in(0xcf8, 4)).toBe(latch);
        const { memory } = guest.world.hardware;
        const astray = guest.accesses.filter(
          ({ kind, write, address }) =>
            kind === 'memory' &&
            write &&
            memory.ownerAt(address) !== 'mmio' &&
            !(address >= labMemory.start && address < labMemory.end),
        );
        expect(astray).toEqual([]);
      }
    } finally {
      await worker.close();
    }
  });

  it('leaves config space as its hook in the model does', async () => {
    const plugin = await pluginOf(folder);
    const options = resolveOptions(plugin, quicker[folder]);
    const strategy = plugin.create(options);
    const hooks = (['crash', 'iommuCrashShutdown', 'setupArch'] as const).filter((hook) => strategy[hook]);
    if (hooks.length === 0) return;
    const worker = await start(folder, plugin);
    try {
      for (const hook of hooks) {
        const run = plugin.create(options)[hook] as unknown as (ctx: unknown) => void;
        const world = worldAfter(hook, (ctx) => {
          const has = (name: string): boolean => plugin.kernelParameters?.includes(name) ?? false;
          run(Object.create(ctx, { options: { value: options }, commandLine: { value: { has } } }));
        });
        const guest = guestAt(hook);
        await worker.run(hook, situation, guest.stopped);
        const hashes = [guest.world, world].map(({ hardware }) => {
          const hash = new RunningHash();
          hardware.hierarchy.hashInto(hash);
          return hash.digest();
        });
        expect(hashes[0]).toBe(hashes[1]);
        expect(guest.world.now).toBe(world.now);
      }
    } finally {
      await worker.close();
    }
  });
});

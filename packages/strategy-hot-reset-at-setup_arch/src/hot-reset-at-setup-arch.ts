import {
  defineStrategy,
  type OptionsOf,
  type OptionsSchema,
  optionsSchema,
  type SetupArchContext,
  type StrategyPlugin,
} from '@quiesce/strategy';
import { hasVga, isPcieEndpoint, isResetPort } from './early-function.ts';
import { enableIntxWithoutMsi } from './enable-intx.ts';
import { resetSecondaryBus } from './reset-secondary-bus.ts';
import { restoreConfig, type SavedConfig, saveConfig, savedBytes } from './saved-config.ts';
import { type EarlyBus, scan } from './scan.ts';

const declarations = {
  waitMs: {
    type: 'integer',
    default: 500,
    minimum: 0,
    maximum: 60_000,
    description: 'One wait after all resets, before config space is touched again.',
  },
  scanAllBuses: {
    type: 'boolean',
    default: true,
    description: 'Look at all 256 buses; false follows bridges from bus 0 and misses other root complexes.',
  },
} as const;

/** `waitMs`, `scanAllBuses`. */
export type HotResetOptions = OptionsOf<typeof declarations>;

const schema: OptionsSchema<typeof declarations> = optionsSchema(declarations);

/**
 * Hot reset of PCIe endpoints in setup_arch, as version 6 of the series of 2012: scan and save everything, reset every
 * port, wait once, restore everything. It runs before interrupt remapping is touched, and has to do with type 1
 * accesses. Only with `reset_devices` on the command line.
 */
export const hotResetAtSetupArch: StrategyPlugin<HotResetOptions> = defineStrategy({
  name: 'hot-reset-at-setup_arch',
  description: 'Hot reset of every PCIe endpoint but VGA, before the second kernel touches any table.',
  sources: [
    'Takao Indoh, "[PATCH v6] Reset PCIe devices to address DMA problem on kdump with iommu", 2012',
    'https://lkml.org/lkml/2012/10/17/47 (v5: save all before the first reset)',
    'https://lkml.org/lkml/2012/10/15/49 (v4: one wait)',
  ],
  kernelParameters: ['reset_devices'],
  options: schema,
  create: () => ({
    name: hotResetAtSetupArch.name,
    description: hotResetAtSetupArch.description,
    sources: hotResetAtSetupArch.sources,
    kernelParameters: ['reset_devices'],
    setupArch(ctx) {
      if (ctx.commandLine.has('reset_devices')) resetPcieDevices(ctx);
    },
  }),
});

export default hotResetAtSetupArch;

function resetPcieDevices(ctx: SetupArchContext<HotResetOptions>): void {
  const { type1, log, delay, options } = ctx;
  const buses = scan(type1, options.scanAllBuses);
  const targets = [...buses.values()].filter(({ bridge, functions }) => {
    if (bridge === undefined || !isResetPort(bridge) || !functions.every(isPcieEndpoint)) return false;
    if (!functions.some(hasVga)) return true;
    log(`pci ${bridge.name}: not reset, there is a VGA controller below`);
    return false;
  });
  if (targets.length === 0) return;

  // v4 saved and reset port by port: what it read from buses still in their reset hold-off was garbage.
  const saved: SavedConfig[] = targets.flatMap(({ functions }: EarlyBus) =>
    functions.map((each) => saveConfig(type1, each)),
  );
  ctx.bootmem.allocate(saved.reduce((bytes, each) => bytes + savedBytes(each), 0));

  for (const { bridge } of targets) {
    if (bridge === undefined) continue;
    log(`pci ${bridge.name}: resetting the bus below`);
    resetSecondaryBus(type1, delay, bridge);
  }
  delay(options.waitMs);
  for (const each of saved) {
    if (restoreConfig(type1, each)) enableIntxWithoutMsi(type1, each.function);
    else log(`pci ${each.function.name}: does not answer after the reset`);
  }
}

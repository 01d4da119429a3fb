import {
  defineStrategy,
  type InitcallContext,
  type OptionsOf,
  type OptionsSchema,
  optionsSchema,
  type SetupArchContext,
  type StrategyPlugin,
} from '@quiesce/strategy';
import {
  type ResetRun,
  resetAfterSavingAll,
  resetPortByPort,
  resetWhileScanning,
} from './reset-pcie-devices.ts';

const declarations = {
  version: {
    type: 'integer',
    default: 6,
    minimum: 1,
    maximum: 6,
    description: 'Version of the series of 2012. Version 1 runs in the final fixups instead of setup_arch.',
  },
  waitMs: {
    type: 'integer',
    default: 500,
    minimum: 0,
    maximum: 60_000,
    description:
      'Wait after a reset, before config space is touched again: after each up to version 3, then one.',
  },
  scanAllBuses: {
    type: 'boolean',
    default: true,
    description: 'Look at all 256 buses; false follows bridges from bus 0 and misses other root complexes.',
  },
  skipDisplay: {
    type: 'boolean',
    default: true,
    description: 'Leave ports alone that have a VGA controller below.',
  },
  resetsPer: {
    type: 'choice',
    choices: ['version', 'port', 'function'],
    default: 'version',
    description:
      'What is saved before each reset: all below the port, or one function. version: as in README.',
  },
  enableIntxWithoutMsi: {
    type: 'choice',
    choices: ['version', 'on', 'off'],
    default: 'version',
    description: 'Clear Interrupt Disable where the reset has switched MSI off. version: from 6 on.',
  },
} as const;

/** `version`, `waitMs`, `scanAllBuses`, `skipDisplay`, `resetsPer`, `enableIntxWithoutMsi`. */
export type HotResetOptions = OptionsOf<typeof declarations>;

const schema: OptionsSchema<typeof declarations> = optionsSchema(declarations);

/**
 * Hot reset of PCIe endpoints in setup_arch, by default as version 6 of the series of 2012: scan and save everything,
 * reset every port, wait once, restore everything. It runs before interrupt remapping is touched, and has to do with
 * type 1 accesses. Only with `reset_devices` on the command line.
 */
export const hotResetAtSetupArch: StrategyPlugin<HotResetOptions> = defineStrategy({
  name: 'hot-reset-at-setup_arch',
  description: 'Hot reset of every PCIe endpoint but VGA, before the second kernel touches any table.',
  sources: [
    'Takao Indoh, "[PATCH v6] Reset PCIe devices to address DMA problem on kdump with iommu", 2012',
    'https://lkml.org/lkml/2012/10/17/47 (v5: save all before the first reset)',
    'https://lkml.org/lkml/2012/10/15/49 (v4: one wait)',
    'https://lkml.org/lkml/2012/10/10/57 (v3: one allocation)',
    'https://lkml.org/lkml/2012/10/2/54 (v2: in setup_arch)',
    'https://lkml.org/lkml/2012/8/3/160 (v1: in the final fixups)',
  ],
  kernelParameters: ['reset_devices'],
  options: schema,
  create: (options) => ({
    name: hotResetAtSetupArch.name,
    description: hotResetAtSetupArch.description,
    sources: hotResetAtSetupArch.sources,
    kernelParameters: ['reset_devices'],
    ...(options.version === 1 ? inFinalFixups : { setupArch: inSetupArch }),
  }),
});

export default hotResetAtSetupArch;

function inSetupArch(ctx: SetupArchContext<HotResetOptions>): void {
  if (!ctx.commandLine.has('reset_devices')) return;
  const run = runOf(ctx, (bytes) => ctx.bootmem.allocate(bytes));
  const { version } = ctx.options;
  if (version <= 3) resetPortByPort(run, version === 3);
  else if (version === 4) resetWhileScanning(run);
  else resetAfterSavingAll(run, version === 6);
}

const inFinalFixups = {
  initcalls: [
    {
      level: 'fs_sync',
      name: 'pci_apply_final_quirks',
      run(ctx: InitcallContext<'fs_sync', HotResetOptions>): void {
        if (!ctx.commandLine.has('reset_devices')) return;
        const run = runOf(ctx, (bytes) => ctx.pages.allocate(Math.ceil(bytes / 4096)));
        resetPortByPort(run, false);
      },
    },
  ],
} as const;

function runOf(
  ctx: Pick<SetupArchContext<HotResetOptions>, 'type1' | 'log' | 'delay' | 'options'>,
  allocate: (bytes: number) => void,
): ResetRun {
  const { type1, log, delay, options } = ctx;
  const { version, waitMs, scanAllBuses, skipDisplay, resetsPer, enableIntxWithoutMsi } = options;
  return {
    type1,
    log,
    delay,
    allocate,
    waitMs,
    scanAllBuses,
    skipDisplay,
    resetPerFunction: resetsPer === 'function',
    enableIntx: enableIntxWithoutMsi === 'version' ? version >= 6 : enableIntxWithoutMsi === 'on',
  };
}

import {
  defineStrategy,
  type InitcallContext,
  type OptionsOf,
  type OptionsSchema,
  optionsSchema,
  type PciDevice,
  restoreConfig,
  type StrategyPlugin,
  saveConfig,
  secondaryBusReset,
} from '@quiesce/strategy';
import { clearBusMasters } from './clear-bus-masters.ts';

const ROOT_PORT = 4;
const DOWNSTREAM_PORT = 6;
const parameter = 'reset_devices';

const declarations = {
  waitMs: {
    type: 'integer',
    default: 500,
    minimum: 0,
    maximum: 60_000,
    description: 'Wait after the reset of each port, before config space below it is touched again.',
  },
  skipDisplay: {
    type: 'boolean',
    default: true,
    description: 'Leave ports alone that have a VGA controller below.',
  },
  clearBusMasterInSetupArch: {
    type: 'boolean',
    default: false,
    description: 'Clear Bus Master Enable of all endpoints long before, in setup_arch.',
  },
} as const;

/** `waitMs`, `skipDisplay`, `clearBusMasterInSetupArch`. */
export type HotResetInFixupFinalOptions = OptionsOf<typeof declarations>;

const schema: OptionsSchema<typeof declarations> = optionsSchema(declarations);

/**
 * Hot reset of PCIe endpoints as a final fixup of their ports, as version 1 of the series of 2012: before the IOMMU is
 * initialised, and after interrupt remapping was. Only with `reset_devices` on the command line.
 */
export const hotResetInFixupFinal: StrategyPlugin<HotResetInFixupFinalOptions> = defineStrategy({
  name: 'hot-reset-in-fixup-final',
  description: 'Hot reset of every PCIe endpoint but VGA in the final PCI fixups, port by port.',
  sources: [
    'https://lkml.org/lkml/2012/8/3/160 (v1: a final fixup)',
    'Takao Indoh, "[PATCH v6] Reset PCIe devices to address DMA problem on kdump with iommu", 2012: "What I tried"',
  ],
  kernelParameters: [parameter],
  options: schema,
  create: ({ clearBusMasterInSetupArch }) => ({
    name: hotResetInFixupFinal.name,
    description: hotResetInFixupFinal.description,
    sources: hotResetInFixupFinal.sources,
    kernelParameters: [parameter],
    ...(clearBusMasterInSetupArch
      ? {
          setupArch(ctx) {
            if (ctx.commandLine.has(parameter)) clearBusMasters(ctx.type1);
          },
        }
      : {}),
    initcalls: [{ level: 'fs_sync', name: 'pci_apply_final_quirks', run: applyFinalFixups }],
  }),
});

export default hotResetInFixupFinal;

function applyFinalFixups(ctx: InitcallContext<'fs_sync', HotResetInFixupFinalOptions>): void {
  if (!ctx.commandLine.has(parameter)) return;
  for (const port of ctx.devices) {
    if (port.pcieType !== ROOT_PORT && port.pcieType !== DOWNSTREAM_PORT) continue;
    if (port.children.length === 0 || !port.children.every(isPcieEndpoint)) continue;
    if (ctx.options.skipDisplay && port.children.some(isVga)) {
      ctx.log(`pci ${port.name}: not reset, there is a VGA controller below`);
      continue;
    }
    resetBelow(port, ctx);
  }
}

/** A fixup knows one device at a time, so each port is waited for by itself. */
function resetBelow(
  port: PciDevice,
  { delay, log, options }: InitcallContext<'fs_sync', HotResetInFixupFinalOptions>,
): void {
  log(`pci ${port.name}: resetting the bus below`);
  const saved = port.children.map(saveConfig);
  secondaryBusReset(port, delay);
  delay(options.waitMs);
  for (const each of saved) {
    if (!restoreConfig(each)) log(`pci ${each.device.name}: does not answer after the reset`);
  }
}

function isPcieEndpoint({ headerType, pcieType }: PciDevice): boolean {
  return headerType === 0 && (pcieType === 0 || pcieType === 1);
}

/** VGA compatible: its monitor would black out. */
function isVga({ classCode }: PciDevice): boolean {
  return classCode >>> 8 === 0x0300 || classCode >>> 8 === 0x0001;
}

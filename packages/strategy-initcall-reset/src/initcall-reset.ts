import {
  defineStrategy,
  type InitcallContext,
  type OptionsOf,
  type OptionsSchema,
  optionsSchema,
  restoreConfig,
  type SavedConfig,
  type StrategyPlugin,
  saveConfig,
  secondaryBusReset,
} from '@quiesce/strategy';
import { findResettablePorts } from './resettable-ports.ts';

const parameter = 'pci=pcie_reset_devices';

const declarations = {
  level: {
    type: 'choice',
    choices: ['fs', 'fs_sync'],
    default: 'fs_sync',
    description: 'Initcall level: fs (the mails of 2013) or fs_sync (the slides).',
  },
  waitMs: {
    type: 'integer',
    default: 500,
    minimum: 0,
    maximum: 60_000,
    description: 'One wait after all resets, before config space is touched again.',
  },
  restore: {
    type: 'boolean',
    default: true,
    description: 'Put config space of the endpoints back; false shows what becomes of them without it.',
  },
} as const;

/** `level`, `waitMs`, `restore`. */
export type InitcallResetOptions = OptionsOf<typeof declarations>;

const schema: OptionsSchema<typeof declarations> = optionsSchema(declarations);

/**
 * Hot reset of PCIe endpoints from an initcall: after enumeration and MMCONFIG, before the IOMMU is initialised; and
 * so after interrupt remapping was. Not display devices, nothing behind a bridge, no conventional PCI.
 */
export const initcallReset: StrategyPlugin<InitcallResetOptions> = defineStrategy({
  name: 'initcall-reset',
  description: 'Hot reset of every PCIe endpoint but displays, from an initcall between PCI and the IOMMU.',
  sources: [
    'Takao Indoh, slides on the reliability of kdump, Fujitsu 2013: reset_pcie_endpoints',
    'https://patchwork.kernel.org/patch/2482291/',
    'https://patchwork.kernel.org/patch/2562841/',
  ],
  kernelParameters: [parameter],
  options: schema,
  create: (options) => {
    const run = (ctx: InitcallContext<'fs' | 'fs_sync', InitcallResetOptions>): void =>
      resetPcieEndpoints(ctx);
    const name = 'reset_pcie_endpoints';
    return {
      name: initcallReset.name,
      description: initcallReset.description,
      sources: initcallReset.sources,
      kernelParameters: [parameter],
      initcalls: [options.level === 'fs' ? { level: 'fs', name, run } : { level: 'fs_sync', name, run }],
    };
  },
});

export default initcallReset;

function resetPcieEndpoints(ctx: InitcallContext<'fs' | 'fs_sync', InitcallResetOptions>): void {
  if (!ctx.commandLine.has(parameter)) return;
  const ports = findResettablePorts(ctx.devices);
  if (ports.length === 0) return;
  const saved: SavedConfig[] = [];
  for (const port of ports) {
    for (const endpoint of port.children) saved.push(saveConfig(endpoint));
  }
  for (const port of ports) {
    ctx.log(`pci ${port.name}: resetting the bus below`);
    secondaryBusReset(port, ctx.delay);
  }
  ctx.delay(ctx.options.waitMs);
  if (!ctx.options.restore) return;
  for (const each of saved) {
    if (!restoreConfig(each)) ctx.log(`pci ${each.device.name}: does not answer after the reset`);
  }
}

import {
  defineStrategy,
  type InitcallContext,
  type OptionsOf,
  type OptionsSchema,
  optionsSchema,
  type SetupArchContext,
  type StrategyPlugin,
} from '@quiesce/strategy';

const declarations = {
  when: {
    type: 'choice',
    choices: ['setup_arch', 'arch'],
    default: 'setup_arch',
    description: 'In setup_arch, or in an arch initcall; PCI is enumerated after both.',
  },
} as const;

/** `when`. */
export type HostBridgeResetOptions = OptionsOf<typeof declarations>;

const schema: OptionsSchema<typeof declarations> = optionsSchema(declarations);

type Context = Pick<SetupArchContext & InitcallContext<'arch'>, 'firmware' | 'log'>;

/**
 * The second kernel has firmware reset every PCI host bridge before it looks at PCI, as on POWER, where the first kernel
 * never got to shut its devices down. Nothing is restored: enumeration, which follows, gives out bus numbers and
 * addresses anew. Where firmware has no such call, nothing happens.
 */
export const hostBridgeReset: StrategyPlugin<HostBridgeResetOptions> = defineStrategy({
  name: 'host-bridge-reset',
  description: 'Has firmware reset every PCI host bridge before the second kernel enumerates.',
  sources: [
    'torvalds/linux arch/powerpc/platforms/powernv/pci-ioda.c: reset of the PHB in a kdump kernel',
    'Wen Xiong, "powerpc/pseries: PCIE PHB reset", 2020',
  ],
  options: schema,
  create: (options) => ({
    name: hostBridgeReset.name,
    description: hostBridgeReset.description,
    sources: hostBridgeReset.sources,
    ...(options.when === 'setup_arch'
      ? { setupArch: resetHostBridges }
      : { initcalls: [{ level: 'arch', name: 'pci_reset_host_bridges', run: resetHostBridges }] }),
  }),
});

export default hostBridgeReset;

function resetHostBridges({ firmware, log }: Context): void {
  if (firmware.hostBridges.length === 0) log('PCI: firmware resets no host bridge');
  for (const bridge of firmware.hostBridges) {
    log(`PCI: resetting host bridge ${hex(bridge.segment, 4)}:${hex(bridge.bus, 2)}`);
    firmware.resetHostBridge(bridge);
  }
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

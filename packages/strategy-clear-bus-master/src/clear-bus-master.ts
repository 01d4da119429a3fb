import {
  defineStrategy,
  type OptionsOf,
  type OptionsSchema,
  optionsSchema,
  type PhaseContext,
  type StrategyPlugin,
} from '@quiesce/strategy';
import { type ConfigFunction, listFunctions, scanFunctions } from './config-function.ts';

const BUS_MASTER_ENABLE = 1 << 2;
const INTERRUPT_DISABLE = 1 << 10;

const declarations = {
  when: {
    type: 'choice',
    choices: ['setup_arch', 'boot'],
    default: 'boot',
    description: 'In setup_arch by type 1 accesses, or at boot from an fs_sync initcall, before the IOMMU.',
  },
  scope: {
    type: 'choice',
    choices: ['functions', 'ports', 'both'],
    default: 'functions',
    description: 'Whose bit is cleared: that of endpoints, of ports and bridges, or of both.',
  },
  disableIntx: {
    type: 'boolean',
    default: true,
    description:
      'Set Interrupt Disable of endpoints as well: Bus Master Enable does not gate interrupts by pin.',
  },
  order: {
    type: 'choice',
    choices: ['top-down', 'bottom-up'],
    default: 'top-down',
    description: 'Bridges before what is below them, or after.',
  },
  betweenUs: {
    type: 'integer',
    default: 10,
    minimum: 0,
    maximum: 1_000_000,
    description: 'Microseconds that each function takes; the hardware runs on meanwhile.',
  },
} as const;

/** `when`, `scope`, `disableIntx`, `order`, `betweenUs`. */
export type ClearBusMasterOptions = OptionsOf<typeof declarations>;

const schema: OptionsSchema<typeof declarations> = optionsSchema(declarations);

/**
 * Clears Bus Master Enable in the second kernel, before the IOMMU is initialised. Requests and message-signalled
 * interrupts stop; engines and their rings stay as they are, and drivers set the bit again.
 */
export const clearBusMaster: StrategyPlugin<ClearBusMasterOptions> = defineStrategy({
  name: 'clear-bus-master',
  description: 'Clears Bus Master Enable of endpoints, ports or both in the second kernel.',
  sources: [
    'Takao Indoh, "[PATCH v6] Reset PCIe devices to address DMA problem on kdump with iommu", 2012: "What I tried"',
    'Takao Indoh, slides on the reliability of kdump, Fujitsu 2013: "Stop devices - How?"',
    'Kairui Song, "PCI, kdump: Clear bus master bit upon shutdown in kdump kernel", RFC, 2019-12: ports before endpoints',
  ],
  options: schema,
  create: ({ when }) => ({
    name: clearBusMaster.name,
    description: clearBusMaster.description,
    sources: clearBusMaster.sources,
    ...(when === 'setup_arch'
      ? { setupArch: (ctx) => clearAll(scanFunctions(ctx.type1), ctx) }
      : {
          initcalls: [
            {
              level: 'fs_sync',
              name: 'pci_clear_bus_masters',
              run: (ctx) => clearAll(listFunctions(ctx.devices), ctx),
            },
          ],
        }),
  }),
});

export default clearBusMaster;

function clearAll(
  functions: readonly ConfigFunction[],
  { options, log, delay }: PhaseContext<ClearBusMasterOptions>,
): void {
  const { scope, order, disableIntx, betweenUs } = options;
  const chosen = functions.filter(({ isBridge }) => scope === 'both' || isBridge === (scope === 'ports'));
  if (order === 'bottom-up') chosen.reverse();
  let count = 0;
  for (const each of chosen) {
    const command = each.readCommand();
    const intx = disableIntx && !each.isBridge ? INTERRUPT_DISABLE : 0;
    const quiet = (command & ~BUS_MASTER_ENABLE) | intx;
    if (quiet === command) continue;
    each.writeCommand(quiet);
    if ((command & BUS_MASTER_ENABLE) !== 0) count++;
    delay(betweenUs / 1000);
  }
  log(`Cleared Bus Master Enable of ${count} PCI functions`);
}

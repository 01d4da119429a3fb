import {
  defineStrategy,
  type InitcallContext,
  isDisplayClass,
  type OptionsOf,
  type OptionsSchema,
  optionsSchema,
  type PciDevice,
  restoreConfig,
  type StrategyPlugin,
  saveConfig,
} from '@quiesce/strategy';
import { type FunctionReset, functionResetOf } from './function-reset.ts';

const COMMAND = 0x04;
const INTERRUPT_DISABLE = 0x0400;
/** Waits for Transactions Pending to clear, milliseconds, as Linux does (pci_wait_for_pending). */
const PENDING_POLLS_MS = [0, 100, 200, 400];
/** A function that does not answer after this long is broken (PCIe 6.6.1: one second). */
const READY_TIMEOUT_MS = 1000;

const declarations = {
  level: {
    type: 'choice',
    choices: ['fs', 'fs_sync'],
    default: 'fs_sync',
    description: 'Initcall level; both are after PCI and before the IOMMU.',
  },
  includeD3hot: {
    type: 'boolean',
    default: false,
    description: 'Send functions without a function level reset through D3hot, where that resets them.',
  },
  skipDisplay: {
    type: 'boolean',
    default: true,
    description: 'Leave display controllers alone.',
  },
} as const;

/** `level`, `includeD3hot`, `skipDisplay`. */
export type FunctionLevelResetOptions = OptionsOf<typeof declarations>;

const schema: OptionsSchema<typeof declarations> = optionsSchema(declarations);

/**
 * A function level reset of every endpoint that has one, between PCI and the IOMMU. It is optional for functions, so
 * those without it go on as they were.
 */
export const functionLevelReset: StrategyPlugin<FunctionLevelResetOptions> = defineStrategy({
  name: 'function-level-reset',
  description: 'Function level reset of every endpoint that has one; the others are left alone.',
  sources: [
    'Takao Indoh, slides on the reliability of kdump, Fujitsu 2013: "Stop devices - How?"',
    'PCI Express Base Specification, 6.6.2 (function level reset) and 5.3.1.4 (D3hot)',
    'torvalds/linux drivers/pci/pci.c: pcie_flr, pci_af_flr, pci_pm_reset',
  ],
  options: schema,
  create: (options) => {
    const run = (ctx: InitcallContext<'fs' | 'fs_sync', FunctionLevelResetOptions>): void =>
      resetFunctions(ctx);
    const name = 'reset_pci_functions';
    return {
      name: functionLevelReset.name,
      description: functionLevelReset.description,
      sources: functionLevelReset.sources,
      initcalls: [options.level === 'fs' ? { level: 'fs', name, run } : { level: 'fs_sync', name, run }],
    };
  },
});

export default functionLevelReset;

function resetFunctions(ctx: InitcallContext<'fs' | 'fs_sync', FunctionLevelResetOptions>): void {
  const { devices, options, log } = ctx;
  for (const device of devices) {
    if (device.headerType !== 0) continue;
    if (options.skipDisplay && isDisplayClass(device.classCode)) continue;
    const reset = functionResetOf(device, options.includeD3hot);
    if (reset === undefined) continue;
    log(`pci ${device.name}: resetting by ${reset.method}`);
    resetFunction(device, reset, ctx);
  }
}

function resetFunction(
  device: PciDevice,
  reset: FunctionReset,
  { log, delay }: Pick<InitcallContext<'fs'>, 'log' | 'delay'>,
): void {
  const saved = saveConfig(device);
  // No new requests: without bus mastering, those under way can only become fewer.
  device.writeConfig16(COMMAND, INTERRUPT_DISABLE);
  if (!settles(reset, delay)) log(`pci ${device.name}: timed out waiting for pending transaction`);
  reset.trigger(delay);
  delay(reset.quietMs);
  for (let waited = 0, wait = 1; !isReady(device) && waited < READY_TIMEOUT_MS; wait *= 2) {
    delay(wait);
    waited += wait;
  }
  if (!restoreConfig(saved)) log(`pci ${device.name}: does not answer after the reset`);
}

function settles(reset: FunctionReset, delay: (ms: number) => void): boolean {
  return PENDING_POLLS_MS.some((ms) => {
    if (ms > 0) delay(ms);
    return !reset.pending();
  });
}

/** Neither all ones nor retry status (PCIe 2.3.2). */
function isReady(device: PciDevice): boolean {
  const vendor = device.readConfig16(0);
  return vendor !== 0xffff && vendor !== 0x0001;
}

import {
  type CrashContext,
  defineStrategy,
  type OptionsOf,
  type OptionsSchema,
  optionsSchema,
  type SetupArchContext,
  type StrategyPlugin,
} from '@quiesce/strategy';
import { clearMsi, type MessageFunction } from './clear-msi.ts';
import { earlyScan } from './early-scan.ts';

const parameter = 'pci=clearmsi';

const declarations = {
  when: {
    type: 'choice',
    choices: ['setup_arch', 'crash'],
    default: 'setup_arch',
    description: 'In early quirks of the second kernel (Piccoli), or on the crash path (Xen).',
  },
  scan: {
    type: 'choice',
    choices: ['all-buses', 'from-bus-0'],
    default: 'all-buses',
    description: 'What early quirks look at: every bus, or what bridges from 00:00 lead to.',
  },
  lockHeld: {
    type: 'boolean',
    default: false,
    description: 'The crashing code held the lock of the PCI list: then the crash path leaves devices alone.',
  },
} as const;

/** `when`, `scan`, `lockHeld`. */
export type ClearMsiEarlyOptions = OptionsOf<typeof declarations>;

const schema: OptionsSchema<typeof declarations> = optionsSchema(declarations);

/**
 * Switches MSI and MSI-X off before the second kernel replaces the table through which they go. DMA is not touched, nor
 * are interrupts by pin. In early quirks only with `pci=clearmsi` on the command line.
 */
export const clearMsiEarly: StrategyPlugin<ClearMsiEarlyOptions> = defineStrategy({
  name: 'clear-msi-early',
  description: 'Clears MSI and MSI-X enables before interrupt remapping is initialised.',
  sources: [
    'Guilherme Piccoli, "x86/PCI: Early quirk to disable MSI in kdump" (pci=clearmsi), linux-pci, 2018-10-18',
    'xen-project/xen 7ab6951981, 819c3cb186 (2025: MSI off on the crash path, if the lock is free)',
  ],
  kernelParameters: [parameter],
  options: schema,
  create: (options) => ({
    name: clearMsiEarly.name,
    description: clearMsiEarly.description,
    sources: clearMsiEarly.sources,
    kernelParameters: [parameter],
    ...(options.when === 'crash' ? { crash: onCrashPath } : { setupArch: inEarlyQuirks }),
  }),
});

export default clearMsiEarly;

function inEarlyQuirks({ type1, commandLine, options, log }: SetupArchContext<ClearMsiEarlyOptions>): void {
  if (!commandLine.has(parameter)) return;
  clearAll(earlyScan(type1, options.scan === 'all-buses'), log);
}

function onCrashPath({ devices, options, log }: CrashContext<ClearMsiEarlyOptions>): void {
  if (options.lockHeld) log('Failed to take the lock of the PCI list: MSI left as it is');
  else clearAll(devices, log);
}

function clearAll(
  functions: Iterable<MessageFunction & { readonly name: string }>,
  log: (line: string) => void,
): void {
  let count = 0;
  for (const each of functions) if (clearMsi(each)) count++;
  log(`Cleared MSI or MSI-X of ${count} PCI functions`);
}

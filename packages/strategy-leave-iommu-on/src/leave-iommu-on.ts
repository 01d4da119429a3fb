import {
  defineStrategy,
  type IommuCrashShutdownContext,
  type OptionsOf,
  type OptionsSchema,
  optionsSchema,
  type StrategyPlugin,
} from '@quiesce/strategy';
import { UnitRegisters } from '@quiesce/vtd-iommu';
import { disableMessages } from './disable-messages.ts';

const declarations = {
  disableMsi: {
    type: 'boolean',
    default: true,
    description:
      'MSI and MSI-X are switched off on every device, and the units send none of their own (Xen 4.20).',
  },
  pciLockFree: {
    type: 'boolean',
    default: true,
    description: 'false: the crash has hit a holder of the PCI lock; it is only tried, so messages stay on.',
  },
} as const;

/** `disableMsi`, `pciLockFree`. */
export type LeaveIommuOnOptions = OptionsOf<typeof declarations>;

const schema: OptionsSchema<typeof declarations> = optionsSchema(declarations);

/**
 * What Xen does since 4.13: its crash path does not switch the IOMMU off, so that leftover DMA goes on where it went.
 * Since 4.20 it tries to silence messages, which would only reach processors that were stopped.
 */
export const leaveIommuOn: StrategyPlugin<LeaveIommuOnOptions> = defineStrategy({
  name: 'leave-iommu-on',
  description: 'The crash path leaves the IOMMU on, and silences messages of devices and units.',
  sources: [
    'Xen commit 12c36f577d, March 2019: crash-disable is opt-in',
    'Xen commits 7ab6951981 and 819c3cb186, February 2025: MSI off, units quiesced',
  ],
  options: schema,
  create: () => ({
    name: leaveIommuOn.name,
    description: leaveIommuOn.description,
    sources: leaveIommuOn.sources,
    iommuCrashShutdown,
  }),
});

export default leaveIommuOn;

function iommuCrashShutdown(ctx: IommuCrashShutdownContext<LeaveIommuOnOptions>): void {
  if (!ctx.options.disableMsi) return;
  if (ctx.options.pciLockFree) {
    let silenced = 0;
    for (const device of ctx.devices) if (disableMessages(device)) silenced++;
    ctx.log(`(XEN) MSI disabled on ${silenced} devices`);
  } else ctx.log('(XEN) PCI devices are locked: MSI stays enabled');
  for (const unit of ctx.units) {
    if (unit.architecture === 'vt-d') new UnitRegisters(unit, ctx.delay).maskFaultEvents();
  }
}

import { type CrashContext, defineStrategy, type PciDevice, type StrategyPlugin } from '@quiesce/strategy';

const COMMAND = 0x04;

/**
 * Xen, July to November 2011: on the crash path, before the IOMMU is shut down, 0 goes to the Command register of
 * every device that the hypervisor knows. A function then answers configuration accesses only (PCI 3.0, 6.2.2):
 * no I/O, no memory decoding, no bus mastering. Bridges are devices too, so what is below them is cut off as well.
 */
export const xenDisconnectOnCrash: StrategyPlugin = defineStrategy<unknown>({
  name: 'xen-disconnect-on-crash',
  description: 'Writes 0 to the Command register of every PCI device while the hypervisor crashes.',
  sources: [
    'Andrew Cooper, "KEXEC: disconnect all PCI devices from the PCI bus on crash", xen-devel, 2011-07-06',
    'xen-project/xen c24c3e21e3 (merged 2011-07-08), bfbaed092e (reverted 2011-11-11)',
  ],
  create: () => ({
    name: xenDisconnectOnCrash.name,
    description: xenDisconnectOnCrash.description,
    sources: xenDisconnectOnCrash.sources,
    crash(ctx) {
      disconnectPciDevices(ctx);
    },
  }),
});

export default xenDisconnectOnCrash;

function disconnectPciDevices(ctx: CrashContext): void {
  let count = 0;
  for (const device of ctx.devices) {
    disconnectPciDevice(device);
    count++;
  }
  ctx.log(`Disconnected ${count} PCI devices`);
}

function disconnectPciDevice(device: PciDevice): void {
  device.writeConfig16(COMMAND, 0);
}

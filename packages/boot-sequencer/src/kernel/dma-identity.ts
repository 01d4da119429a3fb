import type { KernelPciDevice } from '../pci/kernel-pci-device.ts';
import { PCI, PortType } from '../pci/registers.ts';
import type { DmaIdentity } from '../remapping/kernel-remapping.ts';
import { iommuGroups } from './iommu-groups.ts';

/**
 * Requester IDs of a function as units see them: behind a PCIe-to-PCI bridge the bridge takes ownership, with its
 * secondary bus and devfn 0; behind a conventional bridge with the bridge's own ID (pci_for_each_dma_alias).
 * Groups are known once `devices`, all that enumeration found, are.
 */
export function dmaIdentity(device: KernelPciDevice, devices: readonly KernelPciDevice[] = []): DmaIdentity {
  const group = iommuGroups(devices).get(device);
  const requesterIds = [device.requesterId];
  for (let bridge = device.upstream; bridge !== undefined; bridge = bridge.upstream) {
    if (bridge.pcieType === PortType.toPciBridge) {
      requesterIds.unshift(bridge.readConfig8(PCI.secondaryBus) << 8);
    } else if (bridge.pcieType === undefined) requesterIds.unshift(bridge.requesterId);
  }
  return {
    segment: device.segment,
    requesterIds,
    name: device.name,
    device,
    ...(group === undefined ? {} : { group }),
  };
}

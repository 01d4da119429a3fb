import type { KernelPciDevice } from '../pci/kernel-pci-device.ts';
import { PortType } from '../pci/registers.ts';
import type { IommuGroup } from '../remapping/kernel-remapping.ts';

/** Extended capability of Access Control Services; a kernel with remapping enables what a function has of it. */
const ACS = 0x0d;
const MULTIFUNCTION = 0x80;

const known = new WeakMap<readonly KernelPciDevice[], ReadonlyMap<KernelPciDevice, IommuGroup>>();

/**
 * IOMMU groups of all functions, numbered as they are met (pci_device_group): a function joins its bridge where requests
 * carry the bridge's ID or where the bridge could send them to a neighbour, and the other functions of its device where
 * nothing keeps them apart.
 */
export function iommuGroups(devices: readonly KernelPciDevice[]): ReadonlyMap<KernelPciDevice, IommuGroup> {
  const present = known.get(devices);
  if (present !== undefined) return present;
  const indices = new Map<KernelPciDevice, number>();
  const sizes: number[] = [];
  for (const device of devices) {
    const index = joins(device, indices, devices) ?? sizes.length;
    indices.set(device, index);
    sizes[index] = (sizes[index] ?? 0) + 1;
  }
  const groups = new Map<KernelPciDevice, IommuGroup>();
  for (const [device, index] of indices) groups.set(device, { index, size: sizes[index] as number });
  known.set(devices, groups);
  return groups;
}

function joins(
  device: KernelPciDevice,
  indices: ReadonlyMap<KernelPciDevice, number>,
  devices: readonly KernelPciDevice[],
): number | undefined {
  let top = device;
  for (let bridge = device.upstream; bridge !== undefined; bridge = bridge.upstream) {
    if (isAlias(bridge)) top = bridge;
  }
  if (top !== device) return indices.get(top);
  for (let bridge = top.upstream; bridge !== undefined; bridge = bridge.upstream) {
    if (isIsolatedUpTo(bridge)) break;
    const index = indices.get(bridge);
    if (index !== undefined) return index;
  }
  if (keepsApart(device)) return undefined;
  for (const other of devices) {
    if (other === device) break;
    const sameSlot = other.segment === device.segment && other.requesterId >>> 3 === device.requesterId >>> 3;
    if (sameSlot && !keepsApart(other)) return indices.get(other);
  }
  return undefined;
}

/** Requests from below leave it under its own ID or under its secondary bus. */
function isAlias(bridge: KernelPciDevice): boolean {
  return bridge.pcieType === undefined || bridge.pcieType === PortType.toPciBridge;
}

/** Every bridge from here to the root complex keeps what is below it apart (pci_acs_path_enabled). */
function isIsolatedUpTo(bridge: KernelPciDevice): boolean {
  for (let one: KernelPciDevice | undefined = bridge; one !== undefined; one = one.upstream) {
    if (!keepsApart(one)) return false;
  }
  return true;
}

/** pci_acs_enabled: ports need the capability, functions only if they have neighbours in their device. */
function keepsApart(device: KernelPciDevice): boolean {
  const { pcieType } = device;
  if (pcieType === undefined || pcieType === PortType.toPciBridge) return false;
  const port = pcieType === PortType.rootPort || pcieType === PortType.downstream;
  if (!port && (device.readConfig8(0x0e) & MULTIFUNCTION) === 0) return true;
  return device.findExtendedCapability(ACS) !== 0;
}

import { barAddress } from './bar-sizing.ts';
import type { ConfigPort } from './config-port.ts';
import type { KernelPciDevice } from './kernel-pci-device.ts';
import { PCI } from './registers.ts';

/** VF Device ID in the SR-IOV capability (PCIe 9.3.3.11). */
const DEVICE_ID = 0x1a;

/** Which of the virtual functions of a physical one it is. */
interface VirtualFunctionShare {
  /** Offset of the SR-IOV capability. */
  readonly capability: number;
  /** From 0 on. */
  readonly index: number;
  /** How many share the VF BARs. */
  readonly total: number;
}

/**
 * Config space of a virtual function as kernels show it: its IDs read as all ones and its BARs as zero in hardware
 * (PCIe 9.3.4.1); the IDs are those of the physical function and of the capability, the BARs a share of its VF BARs.
 */
export function virtualFunctionPort(
  port: () => ConfigPort,
  physical: KernelPciDevice,
  { capability, index, total }: VirtualFunctionShare,
): ConfigPort {
  const shown = (place: readonly [number, number, number, number], dword: number): number => {
    const [segment, bus, device, fn] = place;
    const raw = port().read(segment, bus, device, fn, dword, 4);
    if (dword === PCI.vendorId) {
      const header = port().read(segment, bus, device, fn, PCI.headerType & ~3, 4);
      if (header === 0xffff_ffff) return raw;
      return (physical.readConfig16(capability + DEVICE_ID) * 0x1_0000 + physical.vendorId) >>> 0;
    }
    return dword >= PCI.bar0 && dword < PCI.bar0 + 24 ? barDword(physical, dword, index, total) : raw;
  };
  return {
    read: (segment, bus, device, fn, offset, size) => {
      if (offset >= PCI.bar0 + 24 || (offset >= 4 && offset < PCI.bar0)) {
        return port().read(segment, bus, device, fn, offset, size);
      }
      const dword = shown([segment, bus, device, fn], offset & ~3);
      return Math.floor(dword / 2 ** ((offset & 3) * 8)) % 2 ** (size * 8);
    },
    write: (segment, bus, device, fn, offset, size, value) =>
      port().write(segment, bus, device, fn, offset, size, value),
  };
}

function barDword(physical: KernelPciDevice, dword: number, index: number, total: number): number {
  const number = (dword - PCI.bar0) / 4;
  for (const bar of physical.virtualBars) {
    const upper = bar.wide && bar.index + 1 === number;
    if (bar.index !== number && !upper) continue;
    const address = barAddress(physical, bar);
    const mine = address === 0 ? 0 : address + (bar.size / total) * index;
    if (upper) return Math.floor(mine / 0x1_0000_0000);
    return (mine >>> 0) + (bar.wide ? 4 : 0) + (bar.prefetchable ? 8 : 0);
  }
  return 0;
}

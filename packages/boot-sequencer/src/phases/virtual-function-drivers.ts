import type { Kernel } from '../kernel/kernel.ts';
import { sizeVirtualBars } from '../pci/bar-sizing.ts';
import type { KernelPciDevice } from '../pci/kernel-pci-device.ts';
import {
  disableVirtualFunctions,
  enableVirtualFunctions,
  presentVirtualFunctions,
} from '../pci/virtual-functions.ts';
import { machineFunctionAt } from './machine-drivers.ts';

/**
 * What a kernel makes of virtual functions that it finds enabled, at enumeration: it takes them away, or takes them over
 * as devices of its own, as its profile says.
 */
export function receiveVirtualFunctions(kernel: Kernel): void {
  const taken: KernelPciDevice[] = [];
  for (const device of kernel.devices) {
    if (kernel.profile.keepsVirtualFunctions !== true) disableVirtualFunctions(kernel, device);
    sizeVirtualBars(device);
    taken.push(...presentVirtualFunctions(kernel, device));
  }
  if (taken.length > 0) add(kernel, taken);
}

/** The driver of a physical function sets VF Enable, if the machine says so. @returns the devices that come of it */
export function bringUpVirtualFunctions(kernel: Kernel, device: KernelPciDevice): KernelPciDevice[] {
  const enables = machineFunctionAt(kernel.world, device)?.driver.enablesVirtualFunctions;
  if (enables === undefined || (kernel.which === 2 && !enables)) return [];
  const found = enableVirtualFunctions(kernel, device);
  if (found.length > 0) add(kernel, found);
  return found;
}

/** In a list of its own, as whoever knows the list may have drawn conclusions from it. */
function add(kernel: Kernel, found: readonly KernelPciDevice[]): void {
  for (const device of found) {
    const driver = machineFunctionAt(kernel.world, device)?.driver;
    device.hasDriver = driver?.[kernel.which === 1 ? 'first' : 'second'] === true;
  }
  kernel.devices = [...kernel.devices, ...found];
}

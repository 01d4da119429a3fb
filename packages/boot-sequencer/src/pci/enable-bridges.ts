import type { KernelPciDevice } from './kernel-pci-device.ts';
import { Command, PCI } from './registers.ts';

/** Opens every bridge above a device, from the root down, before its driver enables it (pci_enable_bridge). */
export function enableBridgesAbove(device: KernelPciDevice): void {
  const bridge = device.upstream;
  if (bridge === undefined) return;
  enableBridgesAbove(bridge);
  const command = bridge.readConfig16(PCI.command);
  const open = command | Command.memory | Command.io | Command.busMaster;
  if (command !== 0xffff && open !== command) bridge.writeConfig16(PCI.command, open);
}

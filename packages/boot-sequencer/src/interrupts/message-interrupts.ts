import type { KernelPciDevice } from '../pci/kernel-pci-device.ts';
import { CapabilityId, Command, PCI } from '../pci/registers.ts';

/** An interrupt message as config space or an MSI-X table takes it. */
export interface Message {
  readonly address: number;
  readonly data: number;
}

/** How many messages of `wanted` the function can tell apart: entries of its MSI-X table, else one with MSI, else 0. */
export function messageVectors(device: KernelPciDevice, wanted: number): number {
  const msix = device.findCapability(CapabilityId.msix);
  if (msix !== 0) return Math.min(wanted, (device.readConfig16(msix + 2) & 0x7ff) + 1);
  return device.findCapability(CapabilityId.msi) === 0 ? 0 : 1;
}

/**
 * Programs MSI-X, else MSI, as pci_alloc_irq_vectors does, and switches INTx off.
 * @returns false if the function has neither
 */
export function programMessageInterrupts(
  device: KernelPciDevice,
  messages: readonly Message[],
  mmioWrite32: (address: number, value: number) => void,
): boolean {
  const [first] = messages;
  if (first === undefined) return false;
  if (programMsix(device, messages, mmioWrite32) || programMsi(device, first)) {
    device.writeConfig16(PCI.command, device.readConfig16(PCI.command) | Command.interruptDisable);
    return true;
  }
  return false;
}

function programMsi(device: KernelPciDevice, message: Message): boolean {
  const at = device.findCapability(CapabilityId.msi);
  if (at === 0) return false;
  const control = device.readConfig16(at + 2);
  device.writeConfig16(at + 2, control & ~0x71);
  device.writeConfig32(at + 4, message.address >>> 0);
  const wide = (control & 0x80) !== 0;
  if (wide) device.writeConfig32(at + 8, Math.floor(message.address / 0x1_0000_0000));
  device.writeConfig16(at + (wide ? 12 : 8), message.data & 0xffff);
  if ((control & 0x100) !== 0) device.writeConfig32(at + (wide ? 16 : 12), 0);
  device.writeConfig16(at + 2, (control & ~0x70) | 1);
  return true;
}

/** MSI-X table entries that are written; those beyond the driver's messages repeat the first one. */
const ENTRIES = 4;

function programMsix(
  device: KernelPciDevice,
  messages: readonly Message[],
  mmioWrite32: (address: number, value: number) => void,
): boolean {
  const at = device.findCapability(CapabilityId.msix);
  if (at === 0) return false;
  const place = device.readConfig32(at + 4);
  const bar = PCI.bar0 + 4 * (place & 7);
  const low = device.readConfig32(bar);
  if ((low & 1) === 1) return false;
  const high = (low & 6) === 4 ? device.readConfig32(bar + 4) : 0;
  const base = high * 0x1_0000_0000 + ((low & 0xffff_fff0) >>> 0);
  if (base === 0) return false;
  const control = device.readConfig16(at + 2);
  // Function mask while the table is written (the fix of 2021 for stale entries).
  device.writeConfig16(at + 2, control | 0xc000);
  const table = base + ((place & 0xffff_fff8) >>> 0);
  const count = Math.min(ENTRIES, (control & 0x7ff) + 1);
  for (let i = 0; i < count; i++) {
    const { address, data } = messages[i] ?? (messages[0] as Message);
    mmioWrite32(table + 16 * i, address >>> 0);
    mmioWrite32(table + 16 * i + 4, Math.floor(address / 0x1_0000_0000));
    mmioWrite32(table + 16 * i + 8, data);
    mmioWrite32(table + 16 * i + 12, 0);
  }
  device.writeConfig16(at + 2, (control | 0x8000) & ~0x4000);
  return true;
}

export function disableMessageInterrupts(device: KernelPciDevice): void {
  const msi = device.findCapability(CapabilityId.msi);
  if (msi !== 0) device.writeConfig16(msi + 2, device.readConfig16(msi + 2) & ~1);
  const msix = device.findCapability(CapabilityId.msix);
  if (msix !== 0) device.writeConfig16(msix + 2, device.readConfig16(msix + 2) & ~0x8000);
}

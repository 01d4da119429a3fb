import type { KernelPciDevice } from './kernel-pci-device.ts';
import { CapabilityId, PCI } from './registers.ts';

const POWER_STATE = 3;
/** D3hot to D0, PCI Power Management 5.6.1. */
const D3HOT_DELAY_MS = 10;
const HEADER_BARS = 6;

/**
 * Brings a function to D0 before its driver, and gives it its BARs back if the transition reset it
 * (pci_power_up, pci_restore_bars).
 */
export function powerUp(device: KernelPciDevice, delay: (ms: number) => void): void {
  const at = device.findCapability(CapabilityId.powerManagement);
  if (at === 0) return;
  const control = device.readConfig16(at + 4);
  if (control === 0xffff || (control & POWER_STATE) === 0) return;
  const bars: number[] = [];
  for (let bar = 0; bar < HEADER_BARS; bar++) bars.push(device.readConfig32(PCI.bar0 + 4 * bar));
  device.writeConfig16(at + 4, control & ~POWER_STATE);
  delay(D3HOT_DELAY_MS);
  for (const [bar, value] of bars.entries()) {
    if (device.readConfig32(PCI.bar0 + 4 * bar) !== value) device.writeConfig32(PCI.bar0 + 4 * bar, value);
  }
}

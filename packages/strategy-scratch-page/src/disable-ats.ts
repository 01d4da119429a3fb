import type { PciDevice } from '@quiesce/strategy';

const ATS = 0x0f;
const ENABLE = 1 << 15;

/**
 * Switches address translation services off: what the device-TLB holds of older tables is gone with it (PCIe 10.5.1.3).
 * @returns whether they were on
 */
export function disableAts(device: PciDevice): boolean {
  const at = device.findExtendedCapability(ATS);
  if (at === 0) return false;
  const control = device.readConfig16(at + 6);
  if ((control & ENABLE) === 0) return false;
  device.writeConfig16(at + 6, control & ~ENABLE);
  return true;
}

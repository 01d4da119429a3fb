import type { PciDevice } from '@quiesce/strategy';

const MSI = 0x05;
const MSIX = 0x11;
const MSI_ENABLE = 1 << 0;
const MSIX_ENABLE = 1 << 15;

/**
 * Clears the enable bits of MSI and MSI-X (pci_disable_msi_all). Addresses, data and masks stay as they are.
 * @returns whether one of them was set
 */
export function disableMessages(device: PciDevice): boolean {
  const msi = clear(device, device.findCapability(MSI), MSI_ENABLE);
  const msix = clear(device, device.findCapability(MSIX), MSIX_ENABLE);
  return msi || msix;
}

function clear(device: PciDevice, capability: number, bit: number): boolean {
  if (capability === 0) return false;
  const control = device.readConfig16(capability + 2);
  // A device that is gone answers with all ones.
  if (control === 0xffff || (control & bit) === 0) return false;
  device.writeConfig16(capability + 2, control & ~bit);
  return true;
}

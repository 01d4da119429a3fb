const MSI = 0x05;
const MSIX = 0x11;
/** Message Control is the upper half of a capability's first dword, for both. */
const MESSAGE_CONTROL = 0x02;
const MSI_ENABLE = 0x0001;
const MSIX_ENABLE = 0x8000;

/** A function of which capabilities can be found and 16 bits read and written, however that is done. */
export interface MessageFunction {
  findCapability(id: number): number;
  readConfig16(offset: number): number;
  writeConfig16(offset: number, value: number): void;
}

/** Clears MSI Enable and MSI-X Enable; everything else stays. True if one of them was set. */
export function clearMsi(each: MessageFunction): boolean {
  const msi = clear(each, each.findCapability(MSI), MSI_ENABLE);
  const msix = clear(each, each.findCapability(MSIX), MSIX_ENABLE);
  return msi || msix;
}

function clear(each: MessageFunction, capability: number, enable: number): boolean {
  if (capability === 0) return false;
  const control = each.readConfig16(capability + MESSAGE_CONTROL);
  if ((control & enable) === 0) return false;
  each.writeConfig16(capability + MESSAGE_CONTROL, control & ~enable);
  return true;
}

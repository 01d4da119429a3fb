import type { Type1ConfigAccess } from '@quiesce/strategy';

const CAPABILITY_LIST = 1 << 4;
const MSI = 0x05;
const MSIX = 0x11;
/** Capabilities in 192 bytes, four bytes each. */
const MOST_CAPABILITIES = 48;

/**
 * Clears the MSI and MSI-X enable bits of functions of segment 0, before there are device objects. A function that is
 * not there answers with all ones and is passed over.
 * @returns functions that had one of them set
 */
export function clearMessageInterrupts(type1: Type1ConfigAccess, requesterIds: Iterable<number>): number {
  let cleared = 0;
  for (const id of requesterIds) {
    if (clearFunction(type1, id >>> 8, (id >>> 3) & 0x1f, id & 7)) cleared++;
  }
  return cleared;
}

function clearFunction(type1: Type1ConfigAccess, bus: number, device: number, fn: number): boolean {
  if (type1.read32(bus, device, fn, 0) === 0xffff_ffff) return false;
  if ((type1.read16(bus, device, fn, 6) & CAPABILITY_LIST) === 0) return false;
  let cleared = false;
  let at = type1.read8(bus, device, fn, 0x34) & 0xfc;
  for (let count = 0; at >= 0x40 && count < MOST_CAPABILITIES; count++) {
    const id = type1.read8(bus, device, fn, at);
    const enable = id === MSI ? 0x0001 : id === MSIX ? 0x8000 : 0;
    if (enable !== 0) {
      const control = type1.read16(bus, device, fn, at + 2);
      if ((control & enable) !== 0) {
        type1.write16(bus, device, fn, at + 2, control & ~enable);
        cleared = true;
      }
    }
    at = type1.read8(bus, device, fn, at + 1) & 0xfc;
  }
  return cleared;
}

import type { Type1ConfigAccess } from '@quiesce/strategy';

const STATUS = 0x06;
const HAS_CAPABILITIES = 0x10;
const CAPABILITY_POINTER = 0x34;
const PCI_EXPRESS = 0x10;

/** Offset of a function's PCI Express capability, 0 if it has none. */
export function findExpressCapability(
  config: Type1ConfigAccess,
  bus: number,
  device: number,
  fn: number,
): number {
  if ((config.read16(bus, device, fn, STATUS) & HAS_CAPABILITIES) === 0) return 0;
  let at = config.read8(bus, device, fn, CAPABILITY_POINTER) & 0xfc;
  // 48 capabilities fit below 256 bytes: a list that goes in a circle ends here.
  for (let seen = 0; at >= 0x40 && seen < 48; seen++) {
    if (config.read8(bus, device, fn, at) === PCI_EXPRESS) return at;
    at = config.read8(bus, device, fn, at + 1) & 0xfc;
  }
  return 0;
}

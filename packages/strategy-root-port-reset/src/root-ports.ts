import type { Type1ConfigAccess } from '@quiesce/strategy';

const STATUS = 0x06;
const HAS_CAPABILITIES = 0x10;
const CAPABILITY_POINTER = 0x34;
const PCI_EXPRESS = 0x10;
const ROOT_PORT = 4;
const HEADER_TYPE = 0x0e;
const SECONDARY_BUS = 0x19;

/** A root port on bus 0. */
export interface RootPort {
  readonly device: number;
  readonly fn: number;
  /** Bus behind it; 0 if it has been given none. */
  readonly secondary: number;
}

/** Every root port of bus 0, found by its PCI Express capability (PCIe 7.5.3.2: port type 4). */
export function findRootPorts(config: Type1ConfigAccess): RootPort[] {
  const ports: RootPort[] = [];
  for (let device = 0; device < 32; device++) {
    for (let fn = 0; fn < 8; fn++) {
      if (config.read16(0, device, fn, 0) === 0xffff) {
        if (fn === 0) break;
        continue;
      }
      if (isRootPort(config, device, fn)) {
        ports.push({ device, fn, secondary: config.read8(0, device, fn, SECONDARY_BUS) });
      }
      if (fn === 0 && (config.read8(0, device, 0, HEADER_TYPE) & 0x80) === 0) break;
    }
  }
  return ports;
}

function isRootPort(config: Type1ConfigAccess, device: number, fn: number): boolean {
  if ((config.read8(0, device, fn, HEADER_TYPE) & 0x7f) !== 1) return false;
  if ((config.read16(0, device, fn, STATUS) & HAS_CAPABILITIES) === 0) return false;
  let at = config.read8(0, device, fn, CAPABILITY_POINTER) & 0xfc;
  // 48 capabilities fit below 256 bytes: a list that goes in a circle ends here.
  for (let seen = 0; at >= 0x40 && seen < 48; seen++) {
    if (config.read8(0, device, fn, at) === PCI_EXPRESS) {
      return ((config.read16(0, device, fn, at + 2) >>> 4) & 0xf) === ROOT_PORT;
    }
    at = config.read8(0, device, fn, at + 1) & 0xfc;
  }
  return false;
}

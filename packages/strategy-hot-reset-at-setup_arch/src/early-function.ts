import type { Type1ConfigAccess } from '@quiesce/strategy';

const CAPABILITY_POINTER = 0x34;
const STATUS = 0x06;
const STATUS_CAPABILITIES = 1 << 4;
const PCI_EXPRESS = 0x10;
/** 256 bytes hold no more capabilities than this (4 bytes each, after the header). */
const LONGEST_CHAIN = 48;

/** A function as setup_arch can know it: where it is, and what its config space said when it was scanned. */
export interface EarlyFunction {
  readonly bus: number;
  readonly device: number;
  readonly fn: number;
  /** `0000:01:00.0` */
  readonly name: string;
  readonly classCode: number;
  /** Without the multifunction bit. */
  readonly headerType: number;
  /** Offset of the PCI Express capability, 0 if there is none. */
  readonly pcieCapability: number;
  /** Device/port type; undefined for conventional PCI. */
  readonly pcieType: number | undefined;
  /** Secondary bus of a bridge, otherwise 0. */
  readonly secondaryBus: number;
}

/** Reads a function that answered; see {@link EarlyFunction}. */
export function readFunction(
  type1: Type1ConfigAccess,
  bus: number,
  device: number,
  fn: number,
): EarlyFunction {
  const headerType = type1.read8(bus, device, fn, 0x0e) & 0x7f;
  const pcieCapability = findCapability(type1, bus, device, fn, PCI_EXPRESS);
  const pcieType =
    pcieCapability === 0 ? undefined : (type1.read16(bus, device, fn, pcieCapability + 2) >>> 4) & 0xf;
  return {
    bus,
    device,
    fn,
    name: `0000:${hex2(bus)}:${hex2(device)}.${fn}`,
    classCode: type1.read32(bus, device, fn, 0x08) >>> 8,
    headerType,
    pcieCapability,
    pcieType,
    secondaryBus: headerType === 1 ? type1.read8(bus, device, fn, 0x19) : 0,
  };
}

/** Offset of a capability, 0 if there is none. A chain that runs in a circle ends. */
export function findCapability(
  type1: Type1ConfigAccess,
  bus: number,
  device: number,
  fn: number,
  id: number,
): number {
  if ((type1.read16(bus, device, fn, STATUS) & STATUS_CAPABILITIES) === 0) return 0;
  let at = type1.read8(bus, device, fn, CAPABILITY_POINTER) & 0xfc;
  for (let count = 0; at >= 0x40 && count < LONGEST_CHAIN; count++) {
    const header = type1.read16(bus, device, fn, at);
    if ((header & 0xff) === id) return at;
    at = (header >>> 8) & 0xfc;
  }
  return 0;
}

/** Root port or downstream port of a switch. */
export function isResetPort(each: EarlyFunction): boolean {
  return each.headerType === 1 && (each.pcieType === 4 || each.pcieType === 6);
}

/** Endpoint or legacy endpoint. Switches and bridges are left to the ports further down. */
export function isPcieEndpoint(each: EarlyFunction): boolean {
  return each.headerType === 0 && (each.pcieType === 0 || each.pcieType === 1);
}

/** VGA compatible: its monitor would black out. */
export function hasVga(each: EarlyFunction): boolean {
  return each.classCode >>> 8 === 0x0300 || each.classCode >>> 8 === 0x0001;
}

function hex2(value: number): string {
  return value.toString(16).padStart(2, '0');
}

import { hexToBytes, type MachineFunction, parseFunctionName } from '@quiesce/machine';
import { UserError } from '@quiesce/simulation';

/** A function of a machine as the command line needs it: its place, and what its config space says of it. */
export interface PlacedFunction {
  readonly name: string;
  readonly segment: number;
  readonly bus: number;
  readonly device: number;
  readonly fn: number;
  /** `8086:10d3` */
  readonly id: string;
  readonly multifunction: boolean;
  /** Bus below a bridge; undefined for anything else. */
  readonly secondaryBus: number | undefined;
  /** Physical slot number of an Express port, 0 .. 8191; undefined without a slot. */
  readonly slot: number | undefined;
  /** Chassis number that a PCI-to-PCI bridge shows, 1 .. 255; undefined if it shows none. */
  readonly chassis: number | undefined;
  /** Network address from the Device Serial Number, as six bytes; undefined without one. */
  readonly macAddress: readonly number[] | undefined;
}

/**
 * Reads a function of a machine.
 * @throws UserError `QEMU_TOPOLOGY` if its name or its config space cannot be read
 */
export function placedFunction(one: MachineFunction): PlacedFunction {
  const place = parseFunctionName(one.name);
  const bytes = hexToBytes(one.config);
  if (place === undefined || bytes === undefined || bytes.length < 64) {
    throw new UserError('QEMU_TOPOLOGY', `function ${one.name} has no readable name or config space`, {
      expected: 'a machine that parseMachine accepts',
    });
  }
  const view = new DataView(bytes.buffer);
  const u16 = (offset: number): number => view.getUint16(offset, true);
  const digits = (value: number): string => value.toString(16).padStart(4, '0');
  const bridge = (view.getUint8(0x0e) & 0x7f) === 1;
  return {
    name: one.name,
    ...place,
    id: `${digits(u16(0))}:${digits(u16(2))}`,
    multifunction: (view.getUint8(0x0e) & 0x80) !== 0,
    secondaryBus: bridge ? view.getUint8(0x19) : undefined,
    slot: slotOf(view),
    chassis: chassisOf(view),
    macAddress: macAddressOf(view),
  };
}

const PCI_EXPRESS = 0x10;
const SLOT_IDENTIFICATION = 0x04;
const SLOT_IMPLEMENTED = 0x100;

/** Slot Capabilities, Physical Slot Number (PCIe 7.5.3.9). */
function slotOf(view: DataView): number | undefined {
  const at = capabilityOf(view, PCI_EXPRESS);
  if (at === 0 || (view.getUint16(at + 2, true) & SLOT_IMPLEMENTED) === 0) return undefined;
  return view.getUint32(at + 0x14, true) >>> 19;
}

/** Slot Identification, Chassis Number (PCI-to-PCI Bridge 1.2, 13.4.2). */
function chassisOf(view: DataView): number | undefined {
  const at = capabilityOf(view, SLOT_IDENTIFICATION);
  return at === 0 ? undefined : view.getUint8(at + 3) || undefined;
}

/** Offset of a capability that leaves room for what is read here; 0 without it. */
function capabilityOf(view: DataView, id: number): number {
  if ((view.getUint16(0x06, true) & 0x10) === 0) return 0;
  let at = view.getUint8(0x34) & 0xfc;
  for (let steps = 0; at >= 0x40 && at + 0x18 <= view.byteLength && steps < 48; steps++) {
    if (view.getUint8(at) === id) return at;
    at = view.getUint8(at + 1) & 0xfc;
  }
  return 0;
}

const DEVICE_SERIAL_NUMBER = 0x0003;

/** Three bytes of the address above ff:ff and three below make the serial number (EUI-64 of a MAC-48). */
function macAddressOf(view: DataView): number[] | undefined {
  let at = view.byteLength > 0x100 ? 0x100 : 0;
  for (let steps = 0; at >= 0x100 && at + 12 <= view.byteLength && steps < 960; steps++) {
    const header = view.getUint32(at, true);
    if (header % 0x1_0000 === DEVICE_SERIAL_NUMBER) {
      const [low, high] = [view.getUint32(at + 4, true), view.getUint32(at + 8, true)];
      return [high >>> 24, high >>> 16, high >>> 8, low >>> 16, low >>> 8, low].map((byte) => byte & 0xff);
    }
    at = (header >>> 20) & 0xffc;
  }
  return undefined;
}

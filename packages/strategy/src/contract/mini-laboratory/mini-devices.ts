import type { PciDevice } from '../../services/pci-device.ts';
import type { MiniFunction } from './mini-function.ts';
import type { MiniMachine } from './mini-machine.ts';

/** The device list of a kernel that has enumerated all functions of the machine. */
export function listDevices(machine: MiniMachine): readonly PciDevice[] {
  const made = new Map<MiniFunction, MiniPciDevice>();
  for (const each of machine.topology.functions) made.set(each, new MiniPciDevice(machine, each));
  for (const [each, device] of made) {
    const above = machine.topology.above(each);
    device.upstream = above === undefined ? undefined : made.get(above);
    device.children = machine.topology.below(each).map((below) => made.get(below) as PciDevice);
  }
  return [...made.values()];
}

class MiniPciDevice implements PciDevice {
  readonly segment = 0;
  readonly bus: number;
  readonly device: number;
  readonly fn: number;
  readonly name: string;
  readonly vendorId: number;
  readonly deviceId: number;
  readonly classCode: number;
  readonly headerType: number;
  readonly pcieType: number | undefined;
  readonly hasDriver: boolean;
  upstream: PciDevice | undefined;
  children: readonly PciDevice[] = [];
  readonly #machine: MiniMachine;
  readonly #function: MiniFunction;

  constructor(machine: MiniMachine, each: MiniFunction) {
    this.#machine = machine;
    this.#function = each;
    const { name, vendorId, deviceId, classCode, pcieType, driver } = each.description;
    this.bus = each.bus;
    this.device = each.device;
    this.fn = each.fn;
    this.name = name;
    this.vendorId = vendorId;
    this.deviceId = deviceId;
    this.classCode = classCode;
    this.headerType = each.isBridge ? 1 : 0;
    this.pcieType = pcieType;
    this.hasDriver = driver === true;
  }

  readConfig8(offset: number): number {
    return this.#read(offset, 1);
  }

  readConfig16(offset: number): number {
    return this.#read(offset, 2);
  }

  readConfig32(offset: number): number {
    return this.#read(offset, 4);
  }

  writeConfig8(offset: number, value: number): void {
    this.#write(offset, 1, value);
  }

  writeConfig16(offset: number, value: number): void {
    this.#write(offset, 2, value);
  }

  writeConfig32(offset: number, value: number): void {
    this.#write(offset, 4, value);
  }

  findCapability(id: number): number {
    const each = this.#function;
    for (let at = each.peek(0x34); at !== 0; at = each.peek(at + 1)) if (each.peek(at) === id) return at;
    return 0;
  }

  /** These functions have none. */
  findExtendedCapability(_id: number): number {
    return 0;
  }

  #read(offset: number, size: number): number {
    this.#machine.checkAccess(offset, size, 4096);
    return this.#machine.topology.read(this.bus, this.device, this.fn, offset, size);
  }

  #write(offset: number, size: number, value: number): void {
    this.#machine.checkAccess(offset, size, 4096);
    this.#machine.note('config', this.bus, this.device * 8 + this.fn, offset, size, value);
    this.#machine.topology.write(this.bus, this.device, this.fn, offset, size, value);
  }
}

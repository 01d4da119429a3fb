import type { Address } from '@quiesce/simulation';
import { Command, PCI } from '../pci/registers.ts';
import type { DriverDevice, DriverHost } from './driver-host.ts';

const ALL_ONES = 0xffff_ffff;
/** Vendor ID of a function that answers Configuration Request Retry Status to software that may see it (PCIe 2.3.2). */
const RETRY_VENDOR = 0x0001;

/** Whether a function answers config accesses. */
export function answers(host: DriverHost, device: DriverDevice): boolean {
  const id = host.configRead(device.place, PCI.vendorId, 4);
  return id !== ALL_ONES && (id & 0xffff) !== RETRY_VENDOR && id !== 0;
}

/**
 * Enables memory and I/O decoding (`pci_enable_device`); prints what a kernel prints when that changes anything.
 * `decoders`: Command bits that the driver asks for; with memory alone it is `pci_enable_device_mem`.
 */
export function enableDevice(
  host: DriverHost,
  device: DriverDevice,
  driver: string,
  decoders: number = Command.io | Command.memory,
): void {
  const before = host.configRead(device.place, PCI.command, 2);
  const after = before | ((host.decoders ?? decodersOf(host, device)) & decoders);
  if (after !== before) {
    host.configWrite(device.place, PCI.command, 2, after);
    host.log(`${driver} ${device.name}: enabling device (${hex4(before)} -> ${hex4(after)})`);
  }
  // do_pci_enable_device; message interrupts are off at this point of both kernels' lives.
  const usesPin = host.configRead(device.place, PCI.interruptPin, 1) !== 0;
  if (host.clearsInterruptDisable === true && usesPin && (after & Command.interruptDisable) !== 0) {
    host.configWrite(device.place, PCI.command, 2, after & ~Command.interruptDisable);
  }
}

/** `pci_set_master` */
export function setMaster(host: DriverHost, device: DriverDevice): void {
  const before = host.configRead(device.place, PCI.command, 2);
  if ((before & Command.busMaster) === 0) {
    host.configWrite(device.place, PCI.command, 2, before | Command.busMaster);
  }
}

/** `pci_disable_device`: bus mastering goes, decoding stays. */
export function disableDevice(host: DriverHost, device: DriverDevice): void {
  const before = host.configRead(device.place, PCI.command, 2);
  host.configWrite(device.place, PCI.command, 2, before & ~Command.busMaster);
}

/**
 * Address of the memory BAR in which a register answers: the preferred BAR, or else the first that does.
 * Undefined if none does: not assigned, behind a closed bridge, or too small.
 */
export function findMemoryBar(
  host: DriverHost,
  device: DriverDevice,
  preferred: number,
  register: number,
): Address | undefined {
  let found: Address | undefined;
  for (let index = 0; index < 6; index++) {
    const low = host.configRead(device.place, PCI.bar0 + 4 * index, 4);
    if ((low & 1) === 1) continue;
    const wide = (low & 6) === 4 && index < 5;
    const high = wide ? host.configRead(device.place, PCI.bar0 + 4 * index + 4, 4) : 0;
    const base = high * 0x1_0000_0000 + ((low & 0xffff_fff0) >>> 0);
    const usable = base !== 0 && host.mmioRead32(base + register) !== ALL_ONES;
    if (usable && (found === undefined || index === preferred)) found = base;
    if (wide) index++;
  }
  return found;
}

/** Port of the I/O BAR: the preferred one, or else the first. Undefined if none is assigned. */
export function findIoBar(host: DriverHost, device: DriverDevice, preferred: number): number | undefined {
  let found: number | undefined;
  for (let index = 0; index < 6; index++) {
    const bar = host.configRead(device.place, PCI.bar0 + 4 * index, 4);
    if ((bar & 1) === 1 && (bar & 0xfffc) !== 0 && (found === undefined || index === preferred)) {
      found = bar & 0xfffc;
    } else if ((bar & 7) === 4) index++;
  }
  return found;
}

/** What the driver core prints when a driver finds no registers (-EIO). */
export function probeFailed(host: DriverHost, device: DriverDevice, driver: string): undefined {
  host.log(`${driver}: probe of ${device.name} failed with error -5`);
  return undefined;
}

/** Decoding that the function's BARs ask for. */
function decodersOf(host: DriverHost, device: DriverDevice): number {
  let bits = 0;
  for (let index = 0; index < 6; index++) {
    const bar = host.configRead(device.place, PCI.bar0 + 4 * index, 4);
    if (bar === 0) continue;
    bits |= (bar & 1) === 1 ? Command.io : Command.memory;
    if ((bar & 7) === 4) index++;
  }
  return bits;
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, '0');
}

import type { ConfigPort } from './config-port.ts';
import { KernelPciDevice } from './kernel-pci-device.ts';
import { PCI, PortType } from './registers.ts';

/** What enumeration needs of the kernel. */
export interface EnumerationHost {
  port(): ConfigPort;
  delay(ms: number): void;
  log(line: string): void;
}

/** Told what enumeration meets, in its order: a bridge comes behind the functions below it, as Linux prints it. */
export interface EnumerationListener {
  rootBus(segment: number, bus: number): void;
  found(device: KernelPciDevice): void;
  bridge(device: KernelPciDevice, secondary: number, subordinate: number): void;
}

/** A root bus as ACPI names it. */
export interface RootBus {
  readonly segment: number;
  readonly firstBus: number;
  readonly lastBus: number;
}

/** Linux polls a function that answers CRS for up to 60 s, doubling its wait. */
const CRS_TIMEOUT_MS = 60_000;

/** Scans every root bus and gives bus numbers to bridges that have none that fit (pci_scan_child_bus). */
export function enumerate(
  host: EnumerationHost,
  roots: readonly RootBus[],
  listener?: EnumerationListener,
): KernelPciDevice[] {
  const found: KernelPciDevice[] = [];
  for (const root of roots) {
    listener?.rootBus(root.segment, root.firstBus);
    scanBus(host, root, root.firstBus, undefined, found, listener);
  }
  return found;
}

/** Returns the highest bus number in use below. */
function scanBus(
  host: EnumerationHost,
  root: RootBus,
  bus: number,
  bridge: KernelPciDevice | undefined,
  found: KernelPciDevice[],
  listener: EnumerationListener | undefined,
): number {
  const bridges: KernelPciDevice[] = [];
  // Below a link there is device 0 only (only_one_child).
  const single = bridge?.pcieType === PortType.rootPort || bridge?.pcieType === PortType.downstream;
  const lastDevice = single ? 0 : 31;
  for (let device = 0; device <= lastDevice; device++) {
    for (let fn = 0; fn < 8; fn++) {
      const one = probeFunction(host, root.segment, bus, device, fn, bridge);
      if (one === undefined) {
        if (fn === 0) break;
        continue;
      }
      found.push(one);
      listener?.found(one);
      bridge?.children.push(one);
      if (one.headerType === 1) bridges.push(one);
      if (fn === 0 && (one.readConfig8(PCI.headerType) & 0x80) === 0) break;
    }
  }
  if (bridge !== undefined && listener !== undefined) {
    listener.bridge(bridge, bus, bridge.readConfig8(PCI.subordinateBus));
  }
  let highest = bus;
  const broken: KernelPciDevice[] = [];
  for (const one of bridges) {
    const secondary = one.readConfig8(PCI.secondaryBus);
    const subordinate = one.readConfig8(PCI.subordinateBus);
    const fits =
      one.readConfig8(PCI.primaryBus) === bus &&
      secondary > bus &&
      subordinate >= secondary &&
      subordinate <= root.lastBus;
    if (!fits) {
      broken.push(one);
      continue;
    }
    scanBus(host, root, secondary, one, found, listener);
    highest = Math.max(highest, subordinate);
  }
  for (const one of broken) {
    host.log(
      `pci ${one.name}: bridge configuration invalid ([bus ${hex2(one.readConfig8(PCI.secondaryBus))}-${hex2(one.readConfig8(PCI.subordinateBus))}]), reconfiguring`,
    );
    // Space for the numbers comes from what is left of the bridge above.
    const limit = bridge === undefined ? root.lastBus : bridge.readConfig8(PCI.subordinateBus);
    if (highest + 1 > limit) {
      host.log(`pci ${one.name}: no bus number is left`);
      continue;
    }
    const secondary = highest + 1;
    one.writeConfig8(PCI.primaryBus, bus);
    one.writeConfig8(PCI.secondaryBus, secondary);
    one.writeConfig8(PCI.subordinateBus, limit);
    highest = scanBus(host, root, secondary, one, found, listener);
    one.writeConfig8(PCI.subordinateBus, highest);
  }
  return highest;
}

function probeFunction(
  host: EnumerationHost,
  segment: number,
  bus: number,
  device: number,
  fn: number,
  upstream: KernelPciDevice | undefined,
): KernelPciDevice | undefined {
  let id = host.port().read(segment, bus, device, fn, PCI.vendorId, 4);
  for (let wait = 1, waited = 0; (id & 0xffff) === 0x0001 && waited < CRS_TIMEOUT_MS; wait *= 2) {
    host.delay(wait);
    waited += wait;
    id = host.port().read(segment, bus, device, fn, PCI.vendorId, 4);
  }
  const vendor = id & 0xffff;
  if (vendor === 0xffff || vendor === 0x0000 || vendor === 0x0001) return undefined;
  return new KernelPciDevice(() => host.port(), { segment, bus, device, fn }, upstream);
}

function hex2(value: number): string {
  return value.toString(16).padStart(2, '0');
}

import { type ConfigPort, KernelPciDevice } from '@quiesce/boot-sequencer';
import type { Machine } from '@quiesce/machine';

const VENDOR_ID = 0x00;
const HEADER_TYPE = 0x0e;
const SECONDARY_BUS = 0x19;
const SUBORDINATE_BUS = 0x1a;
const MULTIFUNCTION = 0x80;
/** Root port and downstream port: below a link there is device 0 only. */
const ONE_CHILD = [4, 6];

/**
 * The functions that a kernel knows whose enumeration went through the bus numbers that bridges have now, in its order:
 * a bus, then what is below each of its bridges (pci_scan_child_bus). Nothing is written.
 *
 * @param port by which the devices make their own accesses, now and later
 */
export function walkDevices(
  machine: Machine,
  port: () => ConfigPort,
  hasDriver: (name: string) => boolean,
): KernelPciDevice[] {
  const found: KernelPciDevice[] = [];
  const seen = new Set<string>();
  const walkBus = (segment: number, bus: number, lastBus: number, bridge?: KernelPciDevice): void => {
    // Bridges that were left with the same numbers would lead around in circles.
    const key = `${segment}:${bus}`;
    if (seen.has(key)) return;
    seen.add(key);
    const here = functionsOn(port, segment, bus, bridge);
    for (const one of here) {
      one.hasDriver = hasDriver(one.name);
      found.push(one);
      bridge?.children.push(one);
    }
    for (const one of here) {
      if (one.headerType !== 1) continue;
      const secondary = one.readConfig8(SECONDARY_BUS);
      const subordinate = one.readConfig8(SUBORDINATE_BUS);
      const fits = secondary > bus && subordinate >= secondary && subordinate <= lastBus;
      if (fits) walkBus(segment, secondary, lastBus, one);
    }
  };
  for (const root of machine.rootComplexes) walkBus(root.segment, root.firstBus, root.lastBus);
  return found;
}

function functionsOn(
  port: () => ConfigPort,
  segment: number,
  bus: number,
  bridge: KernelPciDevice | undefined,
): KernelPciDevice[] {
  const found: KernelPciDevice[] = [];
  const devices = ONE_CHILD.includes(bridge?.pcieType ?? -1) ? 1 : 32;
  for (let device = 0; device < devices; device++) {
    for (let fn = 0; fn < 8; fn++) {
      const vendor = port().read(segment, bus, device, fn, VENDOR_ID, 4) & 0xffff;
      if (vendor !== 0xffff && vendor !== 0 && vendor !== 1) {
        found.push(new KernelPciDevice(port, { segment, bus, device, fn }, bridge));
      } else if (fn === 0) break;
      if (fn === 0 && (found.at(-1)?.readConfig8(HEADER_TYPE) ?? 0) < MULTIFUNCTION) break;
    }
  }
  return found;
}

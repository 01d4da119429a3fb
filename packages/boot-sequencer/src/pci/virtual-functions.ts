import { barAddress } from './bar-sizing.ts';
import type { ConfigPort } from './config-port.ts';
import { KernelPciDevice } from './kernel-pci-device.ts';
import { virtualFunctionPort } from './virtual-function-port.ts';

/** Extended capability, and offsets in it (PCIe 9.3.3). */
const SRIOV = 0x10;
const CONTROL = 0x08;
const TOTAL_VFS = 0x0e;
const NUM_VFS = 0x10;
const FIRST_OFFSET = 0x14;
const STRIDE = 0x16;
const VF_ENABLE = 1;
const VF_MEMORY_SPACE = 8;

/** Linux waits so long after it has taken VF Enable away (sriov_init), and after it has set it (sriov_enable). */
const DISABLE_MS = 1000;
const ENABLE_MS = 100;

/** What this needs of the kernel. */
export interface VirtualFunctionHost {
  port(): ConfigPort;
  delay(ms: number): void;
  log(line: string): void;
}

/**
 * Virtual functions that somebody left enabled go as enumeration comes across their physical function (sriov_init): a
 * kernel starts without any.
 */
export function disableVirtualFunctions(host: VirtualFunctionHost, device: KernelPciDevice): void {
  const at = enabledCapability(device);
  if (at === 0) return;
  device.writeConfig16(at + CONTROL, 0);
  host.delay(DISABLE_MS);
}

/** Virtual functions that are there already: the devices of a kernel whose firmware tells it of them (pseries). */
export function presentVirtualFunctions(
  host: VirtualFunctionHost,
  device: KernelPciDevice,
): KernelPciDevice[] {
  const at = enabledCapability(device);
  return at === 0 ? [] : virtualFunctions(host, device, at, device.readConfig16(at + NUM_VFS));
}

/**
 * What the driver of a physical function does (pci_enable_sriov): all of its virtual functions come up and become
 * devices. None if it has none, if they are up already, or if their BARs have no address.
 */
export function enableVirtualFunctions(
  host: VirtualFunctionHost,
  device: KernelPciDevice,
): KernelPciDevice[] {
  const at = device.findExtendedCapability(SRIOV);
  if (at === 0 || enabledCapability(device) !== 0) return [];
  if (device.virtualBars.some((bar) => barAddress(device, bar) === 0)) {
    host.log(`pci ${device.name}: not enough MMIO resources for SR-IOV`);
    return [];
  }
  const count = device.readConfig16(at + TOTAL_VFS);
  device.writeConfig16(at + NUM_VFS, count);
  device.writeConfig16(at + CONTROL, VF_ENABLE | VF_MEMORY_SPACE);
  host.delay(ENABLE_MS);
  return virtualFunctions(host, device, at, count);
}

/** Offset of the SR-IOV capability if virtual functions are enabled, else 0. */
function enabledCapability(device: KernelPciDevice): number {
  const at = device.findExtendedCapability(SRIOV);
  if (at === 0) return 0;
  const control = device.readConfig16(at + CONTROL);
  return control !== 0xffff && (control & VF_ENABLE) !== 0 ? at : 0;
}

function virtualFunctions(
  host: VirtualFunctionHost,
  physical: KernelPciDevice,
  at: number,
  count: number,
): KernelPciDevice[] {
  const first = physical.requesterId + physical.readConfig16(at + FIRST_OFFSET);
  const stride = physical.readConfig16(at + STRIDE);
  const total = physical.readConfig16(at + TOTAL_VFS);
  const result: KernelPciDevice[] = [];
  for (let index = 0; index < count; index++) {
    const id = first + index * stride;
    const place = { segment: physical.segment, bus: id >>> 8, device: (id >>> 3) & 31, fn: id & 7 };
    const port = virtualFunctionPort(() => host.port(), physical, { capability: at, index, total });
    const one = new KernelPciDevice(() => port, place, physical.upstream);
    if (one.vendorId !== 0xffff) result.push(one);
  }
  return result;
}

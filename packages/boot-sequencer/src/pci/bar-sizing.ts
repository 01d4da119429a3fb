import type { KernelBar, KernelPciDevice } from './kernel-pci-device.ts';
import { Command, PCI } from './registers.ts';

/** SR-IOV capability: its control register, how many virtual functions there are, their BARs (PCIe 9.3.3). */
const SRIOV = 0x10;
const SRIOV_CONTROL = 0x08;
const TOTAL_VFS = 0x0e;
const VF_BAR = 0x24;
const VF_MEMORY_SPACE = 8;

/** Finds the size of each BAR by writing all ones, decoding switched off meanwhile (__pci_read_base). */
export function sizeBars(device: KernelPciDevice): void {
  const count = device.headerType === 1 ? 2 : 6;
  const command = device.readConfig16(PCI.command);
  const decoding = command & (Command.io | Command.memory);
  if (decoding !== 0) device.writeConfig16(PCI.command, command & ~decoding);
  const bars = probeBars(device, PCI.bar0, count);
  if (decoding !== 0) device.writeConfig16(PCI.command, command);
  device.bars = bars;
}

/** Finds the size of each BAR that its virtual functions have, all of them together (sriov_init). */
export function sizeVirtualBars(device: KernelPciDevice): void {
  const at = device.findExtendedCapability(SRIOV);
  if (at === 0) return;
  const control = device.readConfig16(at + SRIOV_CONTROL);
  const decoding = (control & VF_MEMORY_SPACE) !== 0;
  if (decoding) device.writeConfig16(at + SRIOV_CONTROL, control & ~VF_MEMORY_SPACE);
  const count = device.readConfig16(at + TOTAL_VFS);
  device.virtualBars = probeBars(device, at + VF_BAR, 6)
    .filter((bar) => bar.kind === 'memory')
    .map((bar) => ({ ...bar, size: bar.size * count, offset: at + VF_BAR + 4 * bar.index }));
  if (decoding) device.writeConfig16(at + SRIOV_CONTROL, control);
}

function probeBars(device: KernelPciDevice, first: number, count: number): KernelBar[] {
  const bars: KernelBar[] = [];
  for (let index = 0; index < count; index++) {
    const offset = first + 4 * index;
    const low = device.readConfig32(offset);
    device.writeConfig32(offset, 0xffff_ffff);
    const mask = device.readConfig32(offset);
    device.writeConfig32(offset, low);
    // What does not take ones, though it has an address, is not there to be moved.
    if (mask === 0 || mask === 0xffff_ffff || (mask === low && low > 0xf)) continue;
    if ((mask & 1) === 1) {
      bars.push({ index, kind: 'io', wide: false, prefetchable: false, size: sizeOf(mask & 0xfffc, 0xffff) });
      continue;
    }
    const wide = (mask & 6) === 4;
    const prefetchable = (mask & 8) !== 0;
    let size = sizeOf(mask & 0xffff_fff0, 0xffff_ffff);
    if (wide) {
      const high = device.readConfig32(offset + 4);
      device.writeConfig32(offset + 4, 0xffff_ffff);
      const highMask = device.readConfig32(offset + 4);
      device.writeConfig32(offset + 4, high);
      if (size === 0) size = sizeOf(highMask, 0xffff_ffff) * 0x1_0000_0000;
    }
    if (size > 0) bars.push({ index, kind: 'memory', wide, prefetchable, size });
    if (wide) index++;
  }
  return bars;
}

/** Size from the bits that stayed writable: the lowest one. */
function sizeOf(mask: number, all: number): number {
  const bits = (mask & all) >>> 0;
  return bits === 0 ? 0 : (bits & -bits) >>> 0;
}

/** Where a BAR points now. */
export function barAddress(device: KernelPciDevice, bar: KernelBar): number {
  const offset = bar.offset ?? PCI.bar0 + 4 * bar.index;
  const low = device.readConfig32(offset);
  if (bar.kind === 'io') return low & 0xfffc;
  const high = bar.wide ? device.readConfig32(offset + 4) : 0;
  return high * 0x1_0000_0000 + ((low & 0xffff_fff0) >>> 0);
}

export function writeBar(device: KernelPciDevice, bar: KernelBar, address: number): void {
  const offset = bar.offset ?? PCI.bar0 + 4 * bar.index;
  device.writeConfig32(offset, address >>> 0);
  if (bar.wide) device.writeConfig32(offset + 4, Math.floor(address / 0x1_0000_0000));
}

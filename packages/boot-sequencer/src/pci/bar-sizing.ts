import type { KernelBar, KernelPciDevice } from './kernel-pci-device.ts';
import { Command, PCI } from './registers.ts';

/** Finds the size of each BAR by writing all ones, decoding switched off meanwhile (__pci_read_base). */
export function sizeBars(device: KernelPciDevice): void {
  const count = device.headerType === 1 ? 2 : 6;
  const command = device.readConfig16(PCI.command);
  const decoding = command & (Command.io | Command.memory);
  if (decoding !== 0) device.writeConfig16(PCI.command, command & ~decoding);
  const bars: KernelBar[] = [];
  for (let index = 0; index < count; index++) {
    const offset = PCI.bar0 + 4 * index;
    const low = device.readConfig32(offset);
    device.writeConfig32(offset, 0xffff_ffff);
    const mask = device.readConfig32(offset);
    device.writeConfig32(offset, low);
    if (mask === 0 || mask === 0xffff_ffff) continue;
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
  if (decoding !== 0) device.writeConfig16(PCI.command, command);
  device.bars = bars;
}

/** Size from the bits that stayed writable: the lowest one. */
function sizeOf(mask: number, all: number): number {
  const bits = (mask & all) >>> 0;
  return bits === 0 ? 0 : (bits & -bits) >>> 0;
}

/** Where a BAR points now. */
export function barAddress(device: KernelPciDevice, bar: KernelBar): number {
  const offset = PCI.bar0 + 4 * bar.index;
  const low = device.readConfig32(offset);
  if (bar.kind === 'io') return low & 0xfffc;
  const high = bar.wide ? device.readConfig32(offset + 4) : 0;
  return high * 0x1_0000_0000 + ((low & 0xffff_fff0) >>> 0);
}

export function writeBar(device: KernelPciDevice, bar: KernelBar, address: number): void {
  const offset = PCI.bar0 + 4 * bar.index;
  device.writeConfig32(offset, address >>> 0);
  if (bar.wide) device.writeConfig32(offset + 4, Math.floor(address / 0x1_0000_0000));
}

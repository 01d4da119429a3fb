import type { Address } from '@quiesce/simulation';
import { singleRootIoVirtualization, VF_BAR_OFFSET } from '../config-space/virtualization.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';
import { isVgaMemory, isVgaPort } from './legacy-vga.ts';

const HIGH = 0x1_0000_0000;

/** Where a BAR of `fn` decodes now, whatever the enables say; NaN without such a BAR. */
export function barAddress(fn: PcieFunction, bar: number): Address {
  const size = fn.config.barSizes[bar] ?? 0;
  if (size === 0) return Number.NaN;
  const physical = fn.physicalFunction;
  if (physical !== undefined) {
    const at = physical.config.sriov + VF_BAR_OFFSET + bar * 4;
    return baseAt(physical, at, bar < 5) + fn.virtualIndex * size;
  }
  return baseAt(fn, 0x10 + bar * 4, bar + 1 < fn.config.barSizes.length);
}

/** `hasNext`: another BAR follows that can be the upper half of this one. */
function baseAt(fn: PcieFunction, at: number, hasNext: boolean): Address {
  const file = fn.config.file;
  const low = file.peek32(at);
  if ((low & 1) !== 0) return (low & ~3) >>> 0;
  const base = (low & ~0xf) >>> 0;
  return hasNext && (low & 6) === 4 ? base + file.peek32(at + 4) * HIGH : base;
}

/** Stands for a BAR where a VGA function claims its legacy memory or ports. */
export const LEGACY_VGA = 6;

/** Index of the memory BAR that claims `address` now, {@link LEGACY_VGA} for 0xA0000 to 0xBFFFF, -1 for none. */
export function memoryBarAt(fn: PcieFunction, address: Address): number {
  if (!memorySpaceEnabled(fn)) return -1;
  if (isVgaMemory(address) && isVga(fn)) return LEGACY_VGA;
  return barAt(fn, address, 0);
}

/** Index of the I/O BAR that claims `port` now, {@link LEGACY_VGA} for the VGA ports, -1 for none. */
export function ioBarAt(fn: PcieFunction, port: number): number {
  if ((fn.config.file.peek8(0x04) & 1) === 0) return -1;
  if (isVgaPort(port, true) && isVga(fn)) return LEGACY_VGA;
  return barAt(fn, port, 1);
}

/** VGA compatible controller, class 030000h. */
function isVga(fn: PcieFunction): boolean {
  return fn.physicalFunction === undefined && fn.config.file.peek16(0x0a) === 0x0300;
}

/** Memory Space Enable; of a virtual function, VF MSE of its physical one (PCIe 9.3.3.3.4). */
function memorySpaceEnabled(fn: PcieFunction): boolean {
  const config = fn.physicalFunction?.config;
  if (config === undefined) return (fn.config.file.peek8(0x04) & 2) !== 0;
  return config.get(singleRootIoVirtualization.field['CONTROL.VF_MEMORY_SPACE'], config.sriov) === 1;
}

function barAt(fn: PcieFunction, address: Address, kind: 0 | 1): number {
  const sizes = fn.config.barSizes;
  for (let bar = 0; bar < sizes.length; bar++) {
    const size = sizes[bar] as number;
    if (size === 0) continue;
    if (fn.physicalFunction === undefined && (fn.config.file.peek8(0x10 + bar * 4) & 1) !== kind) continue;
    const base = barAddress(fn, bar);
    if (address >= base && address < base + size) return bar;
  }
  return -1;
}

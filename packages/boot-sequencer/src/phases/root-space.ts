import type { Machine } from '@quiesce/machine';
import { isBacked } from '@quiesce/simulation';
import type { Range, RootSpace } from '../pci/resource-assignment.ts';

/** Below it lie the legacy VGA window and ROMs, which are given to nobody. */
const FIRST_MIB = 0x10_0000;

/**
 * Memory space below the root buses, as ACPI's _CRS would say. New addresses come from what the memory map calls MMIO;
 * what is already assigned is kept wherever no RAM is, because a capture need not name every window.
 */
export function rootSpace(machine: Machine): RootSpace {
  const windows: Range[] = [];
  const mmio = machine.memoryMap.filter(({ start, owner }) => owner === 'mmio' && start >= FIRST_MIB);
  const named = mmio.filter(({ label }) => label.startsWith('PCI Bus'));
  for (const { start, end } of named.length > 0 ? named : mmio) {
    const last = windows.at(-1);
    if (last !== undefined && last.end === start) windows[windows.length - 1] = { start: last.start, end };
    else windows.push({ start, end });
  }
  const ram = machine.memoryMap.filter((region) => isBacked(region.owner));
  return {
    windows,
    claimable: (range) => !ram.some((region) => range.start < region.end && range.end > region.start),
  };
}

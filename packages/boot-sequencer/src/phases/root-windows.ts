import type { Machine } from '@quiesce/machine';
import type { Range } from '../pci/resource-assignment.ts';

/** Memory space below the root buses, as ACPI's _CRS would say: everything that is MMIO in the memory map. */
export function rootWindows(machine: Machine): Range[] {
  const windows: Range[] = [];
  for (const { start, end, owner } of machine.memoryMap) {
    if (owner !== 'mmio') continue;
    const last = windows.at(-1);
    if (last !== undefined && last.end === start) windows[windows.length - 1] = { start: last.start, end };
    else windows.push({ start, end });
  }
  return windows;
}

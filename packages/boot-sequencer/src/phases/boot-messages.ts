import { isBacked } from '@quiesce/simulation';
import type { Kernel } from '../kernel/kernel.ts';
import { hex } from '../log/fill-message.ts';
import { PciLines } from '../log/pci-lines.ts';
import { absentStructures, remappingInventory } from '../log/remapping-inventory.ts';

const MIB = 2 ** 20;

/** The first lines of a kernel: who it is, how it was asked to boot, what it keeps back for a crash. */
export function sayWhoBoots(kernel: Kernel, parameters: readonly string[]): void {
  const { messages, banner, remapping } = kernel.profile;
  kernel.log(banner);
  if (parameters.length > 0) kernel.log(`Command line: ${parameters.join(' ')}`);
  const asked = remapping.enabled ? messages.remappingAsked : messages.remappingDeclined;
  if (asked !== null) kernel.log(asked);
}

/** What the first kernel says when it sets the crash kernel's memory aside (reserve_crashkernel). */
export function sayReservation(kernel: Kernel): void {
  let ram = 0;
  let reserved: { start: number; end: number } | undefined;
  for (const { owner, start, end } of kernel.world.machine.memoryMap) {
    if (isBacked(owner) && owner !== 'firmware' && owner !== 'low-1m') ram += end - start;
    if (owner !== 'crash-kernel') continue;
    if (reserved === undefined || end - start > reserved.end - reserved.start) reserved = { start, end };
  }
  if (reserved === undefined) return;
  const size = Math.floor((reserved.end - reserved.start) / MIB);
  const at = Math.floor(reserved.start / MIB);
  kernel.log(
    `Reserving ${size}MB of memory at ${at}MB for crashkernel (System RAM: ${Math.floor(ram / MIB)}MB)`,
  );
}

/** The DMAR table and the units, as the kernel first meets them. */
export function sayRemappingInventory(kernel: Kernel): void {
  const { dmar } = kernel.world.hardware.remapping;
  if (dmar === undefined) return;
  const units = kernel.units.map((handle, index) => ({
    handle,
    index,
    base: kernel.world.machine.units[index]?.registerBase ?? 0,
  }));
  for (const line of remappingInventory(kernel.profile.messages, dmar, units)) kernel.log(line);
}

/** What the table does not have, where the driver is on (intel_iommu_init). */
export function sayAbsentStructures(kernel: Kernel): void {
  const { dmar } = kernel.world.hardware.remapping;
  if (dmar === undefined || !kernel.profile.remapping.enabled) return;
  for (const line of absentStructures(kernel.profile.messages, dmar)) kernel.log(line);
}

/** The windows through which config space of 4,096 bytes is reached (pci_mmcfg_list). */
export function sayMmconfig(kernel: Kernel): void {
  for (const { segment, base, firstBus, lastBus, start, end } of kernel.world.hardware.ecam) {
    kernel.log(
      `PCI: MMCONFIG for domain ${hex(segment, 4)} [bus ${hex(firstBus, 2)}-${hex(lastBus, 2)}] at [mem 0x${hex(start)}-0x${hex(end - 1)}] (base 0x${hex(base)})`,
    );
  }
}

export function pciLines(kernel: Kernel): PciLines {
  return new PciLines(kernel.profile.messages, (line) => kernel.log(line));
}

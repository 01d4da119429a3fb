import type { IrqRemapInitContext, RemappingUnitHandle } from '@quiesce/strategy';
import {
  InterruptTable,
  interruptTableAddress,
  interruptTableEntries,
  type UnitRegisters,
} from '@quiesce/vtd-iommu';

/** INTR_REMAP_TABLE_ENTRIES: 1 MiB. */
const ENTRIES = 65_536;
const PAGES = (ENTRIES * 16) / 4096;

/**
 * Moves a unit to a table of the new kernel that holds the old kernel's entries; interrupt remapping is never off
 * (iommu_load_old_irte). A table of another size is not copied: its entries are lost.
 */
export function copyInterruptEntries(
  ctx: IrqRemapInitContext<unknown>,
  registers: UnitRegisters<RemappingUnitHandle>,
): void {
  const { unit, interruptTable } = registers;
  const { memory } = ctx;
  const table = new InterruptTable({ memory, address: ctx.pages.allocate(PAGES), entries: ENTRIES });
  const oldAddress = interruptTableAddress(interruptTable.low, interruptTable.high);
  if (oldAddress === 0 || interruptTableEntries(interruptTable.low) !== ENTRIES) {
    ctx.log(`DMAR-IR: Failed to copy IR table for ${unit.name} from previous kernel`);
  } else {
    table.copyFrom(new InterruptTable({ memory, address: oldAddress, entries: ENTRIES }));
    ctx.log(`DMAR-IR: Copied IR table for ${unit.name} from previous kernel`);
  }
  registers.setInterruptTable(table.address, ENTRIES);
  ctx.kernel.adoptInterruptTable(unit, { address: table.address, entries: ENTRIES });
  ctx.kernel.invalidateInterruptEntries(unit);
}

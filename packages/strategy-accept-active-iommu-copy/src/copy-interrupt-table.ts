import type { IrqRemapInitContext, RemappingUnitHandle } from '@quiesce/strategy';
import {
  InterruptTable,
  interruptTableAddress,
  interruptTableEntries,
  type UnitRegisters,
} from '@quiesce/vtd-iommu';
import type { AcceptOptions } from './accept-active-iommu-copy.ts';

const PAGE_SIZE = 4096;

/**
 * Moves a unit with interrupt remapping on to a copy of its table, of the same size. Interrupts under way find the
 * same entries before and after. Returns false if the unit has to be initialised anew.
 */
export function copyInterruptTable(
  ctx: IrqRemapInitContext<AcceptOptions>,
  registers: UnitRegisters<RemappingUnitHandle>,
): boolean {
  const { unit, interruptTable } = registers;
  const oldAddress = interruptTableAddress(interruptTable.low, interruptTable.high);
  if (oldAddress === 0) {
    ctx.log(`DMAR-IR: ${unit.name}: interrupt remapping is on without a table`);
    return false;
  }
  const entries = interruptTableEntries(interruptTable.low);
  const { memory } = ctx;
  const old = new InterruptTable({ memory, address: oldAddress, entries });
  const address = ctx.pages.allocate(Math.max(1, old.bytes / PAGE_SIZE));
  const copied = new InterruptTable({ memory, address, entries }).copyFrom(old);
  if (!registers.setInterruptTable(address)) {
    ctx.log(`DMAR-IR: ${unit.name}: the interrupt table was not taken`);
  }
  ctx.kernel.invalidateInterruptEntries(unit);
  ctx.kernel.adoptInterruptTable(unit, { address, entries });
  ctx.log(`DMAR-IR: ${unit.name}: copied ${copied} of ${entries} interrupt entries`);
  return true;
}

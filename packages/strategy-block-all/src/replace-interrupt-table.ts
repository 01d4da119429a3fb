import type { IrqRemapInitContext, RemappingUnitHandle } from '@quiesce/strategy';
import { interruptTableAddress, interruptTableEntries, type UnitRegisters } from '@quiesce/vtd-iommu';

/** As many entries as the old table had: the unit goes on without being off, with them or without. */
export function replaceInterruptTable(
  ctx: IrqRemapInitContext<unknown>,
  registers: UnitRegisters<RemappingUnitHandle>,
  kept: boolean,
): void {
  const { unit } = registers;
  const { low, high } = registers.interruptTable;
  const entries = interruptTableEntries(low);
  let address = interruptTableAddress(low, high);
  if (!kept || address === 0) {
    address = ctx.pages.allocate(Math.max(1, (entries * 16) / 4096));
    registers.setInterruptTable(address);
  }
  ctx.kernel.adoptInterruptTable(unit, { address, entries });
  ctx.kernel.invalidateInterruptEntries(unit);
}

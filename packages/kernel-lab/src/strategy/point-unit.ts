import type { RemappingUnitHandle } from '@quiesce/strategy';
import {
  interruptTableAddress,
  LEGACY_MODE,
  rootTableAddress,
  SCALABLE_MODE,
  UnitRegisters,
} from '@quiesce/vtd-iommu';

type Unit = RemappingUnitHandle;

/**
 * The hardware's half of adopting a root table: the unit is pointed at it, if it is not already, and what it has cached
 * is flushed by `invalidate`. Units of other architectures are left as the strategy has set them.
 */
export function pointAtRootTable(
  unit: Unit,
  delay: (ms: number) => void,
  root: { readonly address: number; readonly scalable: boolean },
  invalidate: (unit: Unit) => void,
): void {
  if (unit.architecture !== 'vt-d') return;
  const registers = new UnitRegisters(unit, delay);
  const { low, high } = registers.rootTable;
  if (rootTableAddress(low, high) === root.address) return;
  registers.setRootTable(root.address, root.scalable ? SCALABLE_MODE : LEGACY_MODE);
  invalidate(unit);
}

/** The same for an interrupt table of `entries` entries. */
export function pointAtInterruptTable(
  unit: Unit,
  delay: (ms: number) => void,
  table: { readonly address: number; readonly entries: number },
  invalidate: (unit: Unit) => void,
): void {
  if (unit.architecture !== 'vt-d') return;
  const registers = new UnitRegisters(unit, delay);
  const { low, high } = registers.interruptTable;
  if (interruptTableAddress(low, high) === table.address) return;
  registers.setInterruptTable(table.address, table.entries);
  invalidate(unit);
}

import { AmdInterruptTable, deviceTableEntry, INTERRUPTS_REMAPPED } from '@quiesce/amd-iommu';
import { amdRemappingOf } from '../../profile/amd-eras.ts';
import type { RemappingHost } from '../remapping-host.ts';
import type { AmdUnitState } from './amd-unit-state.ts';

/**
 * The interrupt table of a device (`alloc_irq_table`): a new, empty one as soon as this kernel asks for the first interrupt
 * of the device, whatever table its entry had before.
 */
export function interruptTableOf(
  host: RemappingHost,
  unit: AmdUnitState,
  requesterId: number,
): AmdInterruptTable {
  const present = unit.interruptTables.get(requesterId);
  if (present !== undefined) return present;
  const entries = amdRemappingOf(host.profile).interruptTableEntries;
  const table = new AmdInterruptTable({
    memory: host.pages.memory,
    writer: host.writer,
    address: host.pages.allocate(),
    entries,
  });
  unit.interruptTables.set(requesterId, table);
  const words = deviceTableEntry({
    interruptsValid: true,
    interruptControl: INTERRUPTS_REMAPPED,
    interruptTableLength: Math.log2(entries),
    interruptTable: table.address,
  });
  unit.table?.setWords(requesterId, words.slice(4, 6), 4);
  unit.driver.flushDevice(requesterId);
  return table;
}

/** Index of a new entry of a device for a vector of a processor. */
export function remapInterrupt(
  host: RemappingHost,
  unit: AmdUnitState,
  requesterId: number,
  vector: number,
  destination: number,
): number {
  const table = interruptTableOf(host, unit, requesterId);
  const index = table.allocate();
  table.set(index, { enabled: true, destination, vector });
  unit.driver.flushInterrupts(requesterId);
  return index;
}

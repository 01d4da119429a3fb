import type { MemoryReader } from '@quiesce/simulation';
import {
  contextDomainId,
  LEGACY_MODE,
  PasidTable,
  pasidEntryDomainId,
  RootTable,
  rootTableAddress,
  rootTableMode,
  SCALABLE_MODE,
  scalableContextPasidDirectory,
  type TableStorage,
} from '@quiesce/vtd-iommu';
import { VTD } from './register-offsets.ts';
import type { UnitState } from './unit-state.ts';

/**
 * Copies root and context entries of the old kernel (copy_translation_tables, Linux 4.2): context entries bit for
 * bit, so that they go on pointing at the old kernel's page tables; their domain IDs are reserved.
 * @returns false if nothing can be copied: another table mode, or no table
 */
export function copyTranslationTables(
  unit: UnitState,
  storage: TableStorage,
  options: { readonly scalable: boolean },
): boolean {
  const low = unit.driver.handle.read32(VTD.rootTable);
  const high = unit.driver.handle.read32(VTD.rootTable + 4);
  const address = rootTableAddress(low, high);
  // The table type may only change with translation off.
  const mode = options.scalable ? SCALABLE_MODE : LEGACY_MODE;
  if (address === 0 || rootTableMode(low) !== mode) return false;
  const old = RootTable.at(address, { memory: storage.memory, scalable: options.scalable });
  const root = new RootTable({ ...storage, scalable: options.scalable });
  for (const { requesterId, words } of old.contexts()) {
    root.setContext(requesterId, words);
    const domainId = options.scalable
      ? scalableDomainId(storage, words)
      : contextDomainId(words[2] as number);
    unit.usedDomainIds.add(domainId);
    unit.copied.set(requesterId, domainId);
  }
  unit.root = root;
  return true;
}

function scalableDomainId(
  storage: { memory: MemoryReader } & TableStorage,
  words: readonly number[],
): number {
  const directory = scalableContextPasidDirectory(words[0] as number, words[1] as number);
  const entry = PasidTable.at(directory, storage).entry(0);
  return entry === undefined ? 0 : pasidEntryDomainId(entry[2] as number);
}

import type { OwnedMemory } from '@quiesce/strategy';
import {
  contextDomainId,
  interruptTableAddress,
  interruptTableEntries,
  PasidTable,
  pasidEntryDomainId,
  RootTable,
  rootTableAddress,
  rootTableMode,
  SCALABLE_MODE,
  scalableContextPasidDirectory,
  scalableContextRidPasid,
  UnitRegisters,
} from '@quiesce/vtd-iommu';
import type { TableReader } from './table-readers.ts';

/** Root table and interrupt table of a VT-d unit with translation, or interrupt remapping, on. */
export const vtdTables: TableReader = {
  rootTable(unit, delay, memory) {
    const registers = new UnitRegisters(unit, delay);
    const { low, high } = registers.rootTable;
    const address = rootTableAddress(low, high);
    if (!registers.translationEnabled || address === 0 || rootTableMode(low) > SCALABLE_MODE)
      return undefined;
    const scalable = rootTableMode(low) === SCALABLE_MODE;
    const entries = [...RootTable.at(address, { memory, scalable }).contexts()].map(
      ({ requesterId, words }) => ({
        requesterId,
        domainId: scalable ? scalableDomainId(memory, words) : contextDomainId(words[2] ?? 0),
      }),
    );
    return { address, scalable, entries };
  },
  interruptTable(unit, delay) {
    const registers = new UnitRegisters(unit, delay);
    const { low, high } = registers.interruptTable;
    const address = interruptTableAddress(low, high);
    if (!registers.interruptRemappingEnabled || address === 0) return undefined;
    return { address, entries: interruptTableEntries(low) };
  },
};

/** In scalable mode the domain ID of requests without PASID stands in their PASID entry. */
function scalableDomainId(memory: OwnedMemory, words: readonly number[]): number {
  const [low = 0, high = 0, word2 = 0] = words;
  const table = PasidTable.at(scalableContextPasidDirectory(low, high), { memory });
  return pasidEntryDomainId(table.entry(scalableContextRidPasid(word2))?.[2] ?? 0);
}

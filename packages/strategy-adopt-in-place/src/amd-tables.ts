import {
  AmdControl,
  amdRegister,
  DEVICE_TABLE_ENTRY_BYTES,
  DeviceTable,
  deviceTableAddress,
  deviceTablePages,
} from '@quiesce/amd-iommu';
import type { OwnedMemory, RemappingUnitHandle } from '@quiesce/strategy';
import type { TableReader } from './table-readers.ts';

/** V and TV; without a domain ID of its own an entry refuses. */
const VALID_AND_TRANSLATED = 3;

/** The device table of an AMD unit that is on. Interrupt tables hang on its entries, so it is both tables in one. */
export const amdTables: TableReader = {
  rootTable(unit, _delay, memory) {
    const table = deviceTable(unit, memory);
    if (table === undefined) return undefined;
    const entries: { requesterId: number; domainId: number }[] = [];
    for (let requesterId = 0; requesterId < table.entries; requesterId++) {
      const word0 = memory.read32(table.address + requesterId * DEVICE_TABLE_ENTRY_BYTES);
      if ((word0 & VALID_AND_TRANSLATED) !== VALID_AND_TRANSLATED) continue;
      const { domainId } = table.entry(requesterId);
      if (domainId !== 0) entries.push({ requesterId, domainId });
    }
    return { address: table.address, scalable: false, entries };
  },
  interruptTable(unit, _delay, memory) {
    const table = deviceTable(unit, memory);
    return table === undefined ? undefined : { address: table.address, entries: table.entries };
  },
};

function deviceTable(unit: RemappingUnitHandle, memory: OwnedMemory): DeviceTable | undefined {
  if ((unit.read32(amdRegister.control) & AmdControl.iommu) === 0) return undefined;
  const low = unit.read32(amdRegister.deviceTable);
  const address = deviceTableAddress(low, unit.read32(amdRegister.deviceTable + 4));
  return address === 0 ? undefined : new DeviceTable({ memory, address, pages: deviceTablePages(low) });
}

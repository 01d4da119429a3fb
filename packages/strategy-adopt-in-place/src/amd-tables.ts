import {
  AmdControl,
  amdRegister,
  DeviceTable,
  deviceTableAddress,
  deviceTablePages,
  readDeviceTableEntry,
} from '@quiesce/amd-iommu';
import type { OwnedMemory, RemappingUnitHandle } from '@quiesce/strategy';
import type { TableReader } from './table-readers.ts';

/** The device table of an AMD unit that is on. Interrupt tables hang on its entries, so it is both tables in one. */
export const amdTables: TableReader = {
  rootTable(unit, _delay, memory) {
    const table = deviceTable(unit, memory);
    if (table === undefined) return undefined;
    const entries = [...table.present()].flatMap(({ requesterId, words }) => {
      const { valid, translationValid, domainId } = readDeviceTableEntry(words);
      return valid && translationValid && domainId !== 0 ? [{ requesterId, domainId }] : [];
    });
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

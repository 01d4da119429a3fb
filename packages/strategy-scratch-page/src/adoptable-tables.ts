import {
  AmdControl,
  amdRegister,
  DEVICE_TABLE_ENTRY_BYTES,
  DeviceTable,
  deviceTableAddress,
  deviceTablePages,
} from '@quiesce/amd-iommu';
import {
  contextDescriptorAsid,
  contextDescriptorValid,
  registerOffset,
  StreamConfig,
  StreamTable,
  streamEntryConfig,
  streamEntryContext,
  streamTablePlace,
} from '@quiesce/smmu-v3';
import type { OwnedMemory, RemappingUnitHandle } from '@quiesce/strategy';

/** V and TV of an AMD device table entry; without a domain ID of its own it refuses. */
const VALID_AND_TRANSLATED = 3;
/** CR0.SMMUEN */
const SMMU_ENABLED = 1;

/** A table that stays in use where it is, and what the old kernel has in it. */
export interface AdoptableTable {
  readonly address: number;
  readonly entries: readonly { readonly requesterId: number; readonly domainId: number }[];
}

/**
 * The table of a unit for which there is no scratch page, because its base register cannot be written while it is on: an
 * AMD unit takes it in two halves or, under SNP, not at all; an SMMUv3 must not be given another. Undefined if it is off.
 */
export function adoptableTable(memory: OwnedMemory, unit: RemappingUnitHandle): AdoptableTable | undefined {
  if (unit.architecture === 'amd-vi') return deviceTableOf(memory, unit);
  return unit.architecture === 'smmu-v3' ? streamTableOf(memory, unit) : undefined;
}

/** The interrupt tables of an AMD unit hang on its device table; an SMMUv3 has none. */
export function adoptableInterrupts(
  memory: OwnedMemory,
  unit: RemappingUnitHandle,
): { readonly address: number; readonly entries: number } | undefined {
  return unit.architecture === 'amd-vi' ? openDeviceTable(memory, unit) : undefined;
}

function openDeviceTable(memory: OwnedMemory, unit: RemappingUnitHandle): DeviceTable | undefined {
  if ((unit.read32(amdRegister.control) & AmdControl.iommu) === 0) return undefined;
  const low = unit.read32(amdRegister.deviceTable);
  const address = deviceTableAddress(low, unit.read32(amdRegister.deviceTable + 4));
  return address === 0 ? undefined : new DeviceTable({ memory, address, pages: deviceTablePages(low) });
}

function deviceTableOf(memory: OwnedMemory, unit: RemappingUnitHandle): AdoptableTable | undefined {
  const table = openDeviceTable(memory, unit);
  if (table === undefined) return undefined;
  const entries: { requesterId: number; domainId: number }[] = [];
  for (let requesterId = 0; requesterId < table.entries; requesterId++) {
    const word0 = memory.read32(table.address + requesterId * DEVICE_TABLE_ENTRY_BYTES);
    if ((word0 & VALID_AND_TRANSLATED) !== VALID_AND_TRANSLATED) continue;
    const { domainId } = table.entry(requesterId);
    if (domainId !== 0) entries.push({ requesterId, domainId });
  }
  return { address: table.address, entries };
}

function streamTableOf(memory: OwnedMemory, unit: RemappingUnitHandle): AdoptableTable | undefined {
  if ((unit.read32(registerOffset.CR0) & SMMU_ENABLED) === 0) return undefined;
  const place = streamTablePlace(
    unit.read32(registerOffset.STRTAB_BASE),
    unit.read32(registerOffset.STRTAB_BASE + 4),
    unit.read32(registerOffset.STRTAB_BASE_CFG),
  );
  if (place.address === 0) return undefined;
  const entries: { requesterId: number; domainId: number }[] = [];
  for (const { streamId, words } of StreamTable.at(place, { memory }).entries()) {
    const [low = 0, high = 0] = words;
    const { valid, config } = streamEntryConfig(low);
    if (!valid || config !== StreamConfig.stage1) continue;
    const context = streamEntryContext(low, high);
    if (!contextDescriptorValid(memory.read32(context))) continue;
    entries.push({ requesterId: streamId, domainId: contextDescriptorAsid(memory.read32(context + 4)) });
  }
  return { address: place.address, entries };
}

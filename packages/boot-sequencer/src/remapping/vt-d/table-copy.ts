import { type Address, isBacked } from '@quiesce/simulation';
import {
  CONTEXT_ENTRY_BYTES,
  contextDomainId,
  contextPresent,
  PasidTable,
  pasidEntryDomainId,
  RootTable,
  readWords,
  rootTableAddress,
  scalableContextPasidDirectory,
  scalableContextRidPasid,
  writeWords,
} from '@quiesce/vtd-iommu';
import type { RemappingHost } from '../remapping-host.ts';
import { withCopiedMark } from './copied-entries.ts';
import { VTD } from './register-offsets.ts';
import type { UnitState } from './unit-state.ts';

/** RTADDR bit 10: scalable mode (VT-d 3.0). Bit 11 told the extended mode of VT-d 2.x, which was withdrawn. */
const SCALABLE_BIT = 0x400;
const EXTENDED_BIT = 0x800;

/**
 * Copies root and context entries of the old kernel into `root` (copy_translation_tables): context entries as they are, so that they
 * go on pointing at the old kernel's page tables or PASID directories.
 * @returns false if nothing can be copied: a table of another kind, none at all, or one that cannot be mapped
 */
export function copyTranslationTables(host: RemappingHost, unit: UnitState, root: RootTable): boolean {
  const { handle } = unit.driver;
  const { copiesScalable } = host.profile.remapping;
  const low = handle.read32(VTD.rootTable);
  const extended = (low & (copiesScalable ? SCALABLE_BIT : EXTENDED_BIT)) !== 0;
  // The kind of table may only change with translation off, and off is what must not be.
  if (extended !== (copiesScalable ? root.scalable : unit.driver.hasExtendedContexts)) return false;
  const address = rootTableAddress(low, handle.read32(VTD.rootTable + 4));
  if (address === 0 || !canMap(host, address)) return false;
  const old = RootTable.at(address, { memory: host.pages.memory, scalable: extended });
  const copies: CopiedTable[] = [];
  for (let bus = 0; bus < 256; bus++) {
    if (!copyContextTables(host, unit, old, bus, copies)) {
      host.log(`DMAR: ${handle.name}: Failed to copy context table for bus ${bus}`);
    }
  }
  for (const { bus, half, table } of copies) root.setContextTable(bus, half, table);
  unit.deferred = true;
  return true;
}

interface CopiedTable {
  readonly bus: number;
  readonly half: 0 | 1;
  readonly table: Address;
}

/** The context tables of one bus, two in scalable mode (copy_context_table). @returns false if one cannot be mapped */
function copyContextTables(
  host: RemappingHost,
  unit: UnitState,
  old: RootTable,
  bus: number,
  copies: CopiedTable[],
): boolean {
  const { upperContextTable, unmappableBuses } = host.profile.remapping;
  let saved = 0;
  for (const half of old.scalable ? ([0, 1] as const) : ([0] as const)) {
    const from = old.contextTableAddress(bus, half);
    if (from === undefined || from === 0) continue;
    // What was copied of this bus before stays; the rest of it is given up.
    if (!canMap(host, from) || unmappableBuses.includes(bus)) return false;
    const table = host.pages.allocate();
    copyEntries(host, unit, from, table, (bus << 8) | (half << 7), old.scalable);
    copies.push({ bus, half: upperContextTable === 'upper' || saved > 0 ? half : 0, table });
    saved++;
  }
  return true;
}

function copyEntries(
  host: RemappingHost,
  unit: UnitState,
  from: Address,
  to: Address,
  firstRequester: number,
  scalable: boolean,
): void {
  const { memory } = host.pages;
  const { copiedMark, copiedDomainIds } = host.profile.remapping;
  const stride = scalable ? 2 : 1;
  for (let index = 0; index < 256; index += stride) {
    const offset = index * CONTEXT_ENTRY_BYTES;
    if (!contextPresent(memory.read32(from + offset))) continue;
    // 128 bits are copied in either mode; those beyond are reserved in a scalable-mode entry.
    const words = readWords(memory, from + offset, CONTEXT_ENTRY_BYTES / 4);
    const domainId =
      scalable && copiedDomainIds === 'pasid-entry'
        ? pasidDomainId(host, words)
        : contextDomainId(words[2] as number);
    if (domainId < unit.driver.domainIds) unit.usedDomainIds.add(domainId);
    unit.copied.add(firstRequester + index / stride);
    const copy = copiedMark === 'entry' ? withCopiedMark(words) : words;
    writeWords(memory, to + offset, copy, host.writer);
  }
}

function pasidDomainId(host: RemappingHost, words: readonly number[]): number {
  const directory = scalableContextPasidDirectory(words[0] as number, words[1] as number);
  const pasid = scalableContextRidPasid(words[2] as number);
  const entry = PasidTable.at(directory, { memory: host.pages.memory }).entry(pasid);
  return entry === undefined ? 0 : pasidEntryDomainId(entry[2] as number);
}

/** Memory of the old kernel is mapped to be read (memremap): what the machine has no memory for cannot be. */
function canMap(host: RemappingHost, address: Address): boolean {
  return isBacked(host.pages.memory.ownerAt(address));
}

import type { OwnedMemory } from '@quiesce/strategy';
import {
  contextDomainId,
  contextLevels,
  contextPageTable,
  contextTranslationType,
  FIRST_LEVEL_TRANSLATION,
  PASID_ENTRY_BYTES,
  PASS_THROUGH,
  PasidTable,
  pasidDirectoryPresent,
  pasidDirectoryTable,
  pasidEntryAddressWidth,
  pasidEntryDomainId,
  pasidEntryFirstLevelMode,
  pasidEntryFirstLevelTable,
  pasidEntryPresent,
  pasidEntrySecondLevelTable,
  pasidEntryTranslationType,
  RootTable,
  SECOND_LEVEL_TRANSLATION,
  scalableContextPasidDirectory,
  scalableContextPasidEnable,
  scalableContextRidPasid,
} from '@quiesce/vtd-iommu';

/** What the old tables say of one requester. Nothing in them is trusted beyond being read. */
export interface OldTranslation {
  readonly requesterId: number;
  /** The context entry as it stands. */
  readonly words: readonly number[];
  readonly domainId: number;
  /** Undefined where addresses pass through, or where the entry makes no sense. */
  readonly table: { readonly root: number; readonly levels: number } | undefined;
  /** PASIDs besides that of requests without one. Legacy mode has none. */
  readonly pasids: readonly number[];
  readonly passThrough: boolean;
}

/** Every requester that the old tables let through. */
export function* oldTranslations(
  memory: OwnedMemory,
  root: number,
  scalable: boolean,
): IterableIterator<OldTranslation> {
  for (const { requesterId, words } of RootTable.at(root, { memory, scalable }).contexts()) {
    yield scalable ? ofScalable(memory, requesterId, words) : ofLegacy(requesterId, words);
  }
}

function ofLegacy(requesterId: number, words: readonly number[]): OldTranslation {
  const [low = 0, high = 0, word2 = 0] = words;
  const passThrough = contextTranslationType(low) === PASS_THROUGH;
  const root = passThrough ? 0 : contextPageTable(low, high);
  const table = sensible(root, contextLevels(word2));
  return { requesterId, words, domainId: contextDomainId(word2), table, pasids: [], passThrough };
}

function ofScalable(memory: OwnedMemory, requesterId: number, words: readonly number[]): OldTranslation {
  const [low = 0, high = 0, word2 = 0] = words;
  const directory = scalableContextPasidDirectory(low, high);
  const ridPasid = scalableContextRidPasid(word2);
  const entry = PasidTable.at(directory, { memory }).entry(ridPasid) ?? [];
  const [word0 = 0, word1 = 0, domain = 0, , word4 = 0, word5 = 0] = entry;
  const type = pasidEntryTranslationType(word0);
  let table: OldTranslation['table'];
  if (pasidEntryPresent(word0) && type === SECOND_LEVEL_TRANSLATION) {
    table = sensible(pasidEntrySecondLevelTable(word0, word1), pasidEntryAddressWidth(word0) + 2);
  } else if (pasidEntryPresent(word0) && type === FIRST_LEVEL_TRANSLATION) {
    table = sensible(pasidEntryFirstLevelTable(word4, word5), pasidEntryFirstLevelMode(word4) + 4);
  }
  return {
    requesterId,
    words,
    domainId: pasidEntryDomainId(domain),
    table,
    pasids: scalableContextPasidEnable(low) ? otherPasids(memory, directory, ridPasid) : [],
    passThrough: pasidEntryPresent(word0) && type > FIRST_LEVEL_TRANSLATION + 1,
  };
}

function sensible(root: number, levels: number): OldTranslation['table'] {
  return root === 0 || levels < 3 || levels > 5 ? undefined : { root, levels };
}

/** Of the first page of the directory: PASIDs below 2^15. */
function otherPasids(memory: OwnedMemory, directory: number, ridPasid: number): number[] {
  const found: number[] = [];
  for (let slot = 0; slot < 512; slot++) {
    const low = memory.read32(directory + slot * 8);
    if (!pasidDirectoryPresent(low)) continue;
    const table = pasidDirectoryTable(low, memory.read32(directory + slot * 8 + 4));
    for (let index = 0; index < 64; index++) {
      const pasid = slot * 64 + index;
      if (pasid !== ridPasid && pasidEntryPresent(memory.read32(table + index * PASID_ENTRY_BYTES))) {
        found.push(pasid);
      }
    }
  }
  return found;
}

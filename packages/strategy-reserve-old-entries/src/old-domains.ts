import type { OwnedMemory } from '@quiesce/strategy';
import {
  contextDomainId,
  contextLevels,
  contextPageTable,
  contextTranslationType,
  PASS_THROUGH,
  PasidTable,
  pasidEntryAddressWidth,
  pasidEntryDomainId,
  pasidEntrySecondLevelTable,
  pasidEntryTranslationType,
  RootTable,
  SECOND_LEVEL_TRANSLATION,
  scalableContextPasidDirectory,
  scalableContextRidPasid,
} from '@quiesce/vtd-iommu';

/** A requester of the old kernel, and the page table that it may share. */
export interface OldDomain {
  readonly requesterId: number;
  readonly domainId: number;
  /** Undefined if it has no second-level table: its entry is replaced when a driver attaches. */
  readonly table: { readonly root: number; readonly levels: number } | undefined;
}

/** Every requester in the tables that a unit uses. */
export function* oldDomains(
  memory: OwnedMemory,
  root: number,
  scalable: boolean,
): IterableIterator<OldDomain> {
  for (const { requesterId, words } of RootTable.at(root, { memory, scalable }).contexts()) {
    const [low = 0, high = 0, word2 = 0] = words;
    if (!scalable) {
      const passThrough = contextTranslationType(low) === PASS_THROUGH;
      const table = passThrough ? undefined : shared(contextPageTable(low, high), contextLevels(word2));
      yield { requesterId, domainId: contextDomainId(word2), table };
      continue;
    }
    const directory = PasidTable.at(scalableContextPasidDirectory(low, high), { memory });
    const [word0 = 0, word1 = 0, domain = 0] = directory.entry(scalableContextRidPasid(word2)) ?? [];
    const second = pasidEntryTranslationType(word0) === SECOND_LEVEL_TRANSLATION;
    const levels = pasidEntryAddressWidth(word0) + 2;
    const table = second ? shared(pasidEntrySecondLevelTable(word0, word1), levels) : undefined;
    yield { requesterId, domainId: pasidEntryDomainId(domain), table };
  }
}

function shared(root: number, levels: number): OldDomain['table'] {
  return root === 0 || levels < 3 || levels > 5 ? undefined : { root, levels };
}

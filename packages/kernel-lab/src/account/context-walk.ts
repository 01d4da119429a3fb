import {
  contextDomainId,
  LEGACY_MODE,
  PASID_PASS_THROUGH,
  pasidDirectoryTable,
  pasidEntryDomainId,
  pasidEntryFirstLevelTable,
  pasidEntryTranslationType,
  rootContextTable,
  rootTableMode,
  SECOND_LEVEL_TRANSLATION,
  scalableContextRidPasid,
} from '@quiesce/vtd-iommu';

/** Where a requester's translations begin: page table and domain, as the unit's tables in memory say it. */
export interface FoundContext {
  /** Physical address of the page table's root; 0 with pass-through. */
  readonly table: number;
  readonly domainId: number;
}

/**
 * Looks a requester up in a unit's tables: root entry, context entry, in scalable mode the PASID entry of its RID_PASID.
 * Yields the physical address of each 32-bit word that it wants and is given the word, so that it serves memory that
 * answers at once as well as memory that has to be asked.
 * @param rootTable value of RTADDR, with its mode bits
 * @returns null if an entry on the way is not present
 */
export function* contextWalk(
  rootTable: number,
  requesterId: number,
): Generator<number, FoundContext | null, number> {
  // Bits 11:10 of a number that may have more than 32.
  const low = (rootTable % 0x1_0000_0000) >>> 0;
  const root = rootTable - (rootTable % 4096);
  if (rootTableMode(low) === LEGACY_MODE) return yield* legacyWalk(root, requesterId);
  return yield* scalableWalk(root, requesterId);
}

function* legacyWalk(root: number, requesterId: number): Generator<number, FoundContext | null, number> {
  const entry = yield* present(root + (requesterId >>> 8) * 16);
  if (entry === null) return null;
  const at = entry + (requesterId & 0xff) * 16;
  const table = yield* present(at);
  if (table === null) return null;
  return { table, domainId: contextDomainId(yield at + 8) };
}

function* scalableWalk(root: number, requesterId: number): Generator<number, FoundContext | null, number> {
  const contexts = yield* present(root + (requesterId >>> 8) * 16 + ((requesterId >>> 7) & 1) * 8);
  if (contexts === null) return null;
  const at = contexts + (requesterId & 0x7f) * 32;
  const directory = yield* present(at);
  if (directory === null) return null;
  const pasid = scalableContextRidPasid(yield at + 8);
  const directoryEntry = directory + (pasid >>> 6) * 8;
  const directoryLow = yield directoryEntry;
  if ((directoryLow & 1) === 0) return null;
  const entry = pasidDirectoryTable(directoryLow, yield directoryEntry + 4) + (pasid & 0x3f) * 64;
  const entryLow = yield entry;
  if ((entryLow & 1) === 0) return null;
  const domainId = pasidEntryDomainId(yield entry + 8);
  const type = pasidEntryTranslationType(entryLow);
  if (type === PASID_PASS_THROUGH) return { table: 0, domainId };
  if (type === SECOND_LEVEL_TRANSLATION)
    return { table: rootContextTable(entryLow, yield entry + 4), domainId };
  return { table: pasidEntryFirstLevelTable(yield entry + 16, yield entry + 20), domainId };
}

/** The page that an entry points to; null if it is not present, or nothing answers there. */
function* present(address: number): Generator<number, number | null, number> {
  const low = yield address;
  const high = yield address + 4;
  if ((low & 1) === 0 || (low === 0xffff_ffff && high === 0xffff_ffff)) return null;
  return rootContextTable(low, high);
}

/** {@link contextWalk} over memory that answers at once. */
export function readContext(
  rootTable: number,
  requesterId: number,
  read32: (address: number) => number,
): FoundContext | null {
  const walk = contextWalk(rootTable, requesterId);
  let step = walk.next();
  while (step.done !== true) step = walk.next(read32(step.value));
  return step.value;
}

/** {@link contextWalk} over memory that has to be asked, such as a guest's. */
export async function askContext(
  rootTable: number,
  requesterId: number,
  read32: (address: number) => Promise<number>,
): Promise<FoundContext | null> {
  const walk = contextWalk(rootTable, requesterId);
  let step = walk.next();
  while (step.done !== true) step = walk.next(await read32(step.value));
  return step.value;
}

import { type Address, type MemoryReader, NO_PASID, pageAddress } from '@quiesce/simulation';
import {
  bytesPerEntry,
  FIRST_LEVEL_PRESENT,
  FIRST_LEVEL_SUPERPAGE,
  FIRST_LEVEL_WRITE,
  pageEntryAddress,
  pageTableIndex,
} from '../tables/page-entry.ts';
import {
  FIRST_LEVEL_TRANSLATION,
  NESTED_TRANSLATION,
  PASID_PASS_THROUGH,
  pasidDirectoryTable,
  pasidEntryAddressWidth,
  pasidEntryDomainId,
  pasidEntryFirstLevelMode,
  pasidEntryFirstLevelTable,
  pasidEntryTranslationType,
  SECOND_LEVEL_TRANSLATION,
} from '../tables/pasid-entry.ts';
import { rootContextTable } from '../tables/root-entry.ts';
import { scalableContextPasidLimit, scalableContextRidPasid } from '../tables/scalable-context-entry.ts';
import { unreadable, type WalkResult, WalkTrail } from './table-image.ts';
import { type PageFound, walkSecondLevel } from './walk-second-level.ts';

/** Second-level table that stands behind a first-level one. */
interface Nesting {
  readonly root: Address;
  readonly levels: number;
}

/**
 * Walks scalable-mode tables in any memory image: root half, context entry, PASID directory and entry, page tables.
 * No registers and no caches take part. Without `pasid` the context entry's RID_PASID is taken.
 */
export function walkScalable(
  memory: MemoryReader,
  rootTableAddress: Address,
  requesterId: number,
  iova: Address,
  options: { readonly pasid?: number } = {},
): WalkResult {
  const trail = new WalkTrail(memory);
  // Halves of a root entry count as entries of 8 bytes: lower, upper.
  const half = (requesterId >>> 8) * 2 + ((requesterId >>> 7) & 1);
  const root = trail.read('root', rootTableAddress, half, 8);
  if (unreadable(root)) return trail.fail(0x38);
  if ((root.entryLow & 1) === 0) return trail.fail(0x39);
  const table = rootContextTable(root.entryLow, root.entryHigh);
  const context = trail.read('context', table, requesterId & 0x7f, 32);
  if (unreadable(context)) return trail.fail(0x40);
  if ((context.entryLow & 1) === 0) return trail.fail(0x41);
  const without = options.pasid === undefined || options.pasid === NO_PASID;
  const pasid = without
    ? scalableContextRidPasid(memory.read32(context.address + 8))
    : (options.pasid as number);
  if (pasid >= scalableContextPasidLimit(context.entryLow)) return trail.fail(without ? 0x48 : 0x46);
  const directory = trail.read(
    'pasid-directory',
    pageAddress(context.entryLow, context.entryHigh),
    pasid >>> 6,
    8,
  );
  if (unreadable(directory)) return trail.fail(0x50);
  if ((directory.entryLow & 1) === 0) return trail.fail(0x51);
  const pasidTable = pasidDirectoryTable(directory.entryLow, directory.entryHigh);
  const entry = trail.read('pasid-entry', pasidTable, pasid & 0x3f, 64);
  if (unreadable(entry)) return trail.fail(0x58);
  if ((entry.entryLow & 1) === 0) return trail.fail(0x59);
  trail.domainId = pasidEntryDomainId(memory.read32(entry.address + 8));
  const type = pasidEntryTranslationType(entry.entryLow);
  if (type === PASID_PASS_THROUGH) return trail.done(iova, 4096, true, true, 0);
  const second: Nesting = {
    root: pageAddress(entry.entryLow, entry.entryHigh),
    levels: pasidEntryAddressWidth(entry.entryLow) + 2,
  };
  const usesSecond = type === SECOND_LEVEL_TRANSLATION || type === NESTED_TRANSLATION;
  if (usesSecond && (second.levels < 3 || second.levels > 5)) return trail.fail(0x5b);
  if (type === SECOND_LEVEL_TRANSLATION) return secondLevelResult(trail, second, iova);
  if (type !== FIRST_LEVEL_TRANSLATION && type !== NESTED_TRANSLATION) return trail.fail(0x5b);
  const word4 = memory.read32(entry.address + 16);
  const mode = pasidEntryFirstLevelMode(word4);
  if (mode > 1) return trail.fail(0x5b);
  const firstRoot = pasidEntryFirstLevelTable(word4, memory.read32(entry.address + 20));
  return walkFirstLevel(trail, firstRoot, mode + 4, iova, type === NESTED_TRANSLATION ? second : undefined);
}

function secondLevelReason(found: PageFound): number {
  if (found.outcome === 'not-present') return 0x79;
  if (found.outcome === 'root-unreadable') return 0x7b;
  if (found.outcome === 'table-unreadable') return 0x78;
  return found.read ? 0 : 0x86;
}

function secondLevelResult(trail: WalkTrail, second: Nesting, address: Address): WalkResult {
  if (address >= bytesPerEntry(second.levels + 1)) return trail.fail(0x84);
  const found = walkSecondLevel(trail, second.root, second.levels, address);
  const reason = secondLevelReason(found);
  if (found.outcome !== 'found') return trail.fail(reason);
  return trail.done(found.physical, found.pageBytes, found.read, found.write, reason);
}

function walkFirstLevel(
  trail: WalkTrail,
  root: Address,
  levels: number,
  iova: Address,
  nesting: Nesting | undefined,
): WalkResult {
  if (iova >= 2 ** (11 + 9 * levels)) return trail.fail(0x80);
  let table = root;
  let write = true;
  for (let level = levels; level >= 1; level--) {
    let host = table;
    if (nesting !== undefined) {
      if (table >= bytesPerEntry(nesting.levels + 1)) return trail.fail(0x74);
      const found = walkSecondLevel(trail, nesting.root, nesting.levels, table);
      if (found.outcome !== 'found') return trail.fail(secondLevelReason(found));
      if (!found.read) return trail.fail(level === levels ? 0x75 : 0x76);
      host = found.physical;
    }
    const step = trail.read(level, host, pageTableIndex(iova, level), 8, 'first');
    if (unreadable(step)) return trail.fail(level === levels ? 0x73 : 0x70);
    if ((step.entryLow & FIRST_LEVEL_PRESENT) === 0) return trail.fail(0x71);
    write &&= (step.entryLow & FIRST_LEVEL_WRITE) !== 0;
    const next = pageEntryAddress(step.entryLow, step.entryHigh);
    if (level > 1 && (level > 3 || (step.entryLow & FIRST_LEVEL_SUPERPAGE) === 0)) {
      table = next;
      continue;
    }
    const bytes = bytesPerEntry(level);
    const guest = next - (next % bytes) + (iova % bytes);
    if (nesting === undefined) return trail.done(guest, bytes, true, write, 0);
    const inner = secondLevelResult(trail, nesting, guest);
    return { ...inner, write: inner.write && write, pageBytes: Math.min(inner.pageBytes, bytes) };
  }
  return trail.fail(0x71);
}

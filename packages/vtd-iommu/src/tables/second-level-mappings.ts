import type { Address, MemoryReader } from '@quiesce/simulation';
import {
  bytesPerEntry,
  PAGE_ENTRY_BYTES,
  PAGE_TABLE_ENTRIES,
  pageEntryAddress,
  SECOND_LEVEL_READ,
  SECOND_LEVEL_SUPERPAGE,
  SECOND_LEVEL_WRITE,
  secondLevelPresent,
} from './page-entry.ts';
import type { TableNote } from './table-note.ts';

/** One leaf. */
export interface SecondLevelMapping {
  readonly iova: Address;
  /** 4 KiB, 2 MiB or 1 GiB. */
  readonly bytes: number;
  readonly physical: Address;
  /** Permissions, taken together over all levels. */
  readonly read: boolean;
  readonly write: boolean;
  /** 1 = 4 KiB. */
  readonly level: number;
  readonly entryAddress: Address;
  /** The leaf as it stands in memory. */
  readonly low: number;
  readonly high: number;
}

/** Bounds for walking a table that may be garbage. */
export interface TableWalkOptions {
  /** Told of each thing that was skipped. */
  readonly onNote?: (note: TableNote) => void;
  /** Table pages to read at most, default 65,536 (128 GiB of 4 KiB pages). A garbage table ends here. */
  readonly tableLimit?: number;
}

/**
 * Every leaf of a second-level table in order of address. Made for tables that were captured or left over, which may
 * be garbage: an entry that cannot be right is skipped and noted, and the walk is bounded whatever the bytes are.
 */
export function* secondLevelMappings(
  memory: MemoryReader,
  root: Address,
  levels: number,
  options: TableWalkOptions = {},
): IterableIterator<SecondLevelMapping> {
  const walk: Walk = { memory, budget: options.tableLimit ?? 65_536, path: [], onNote: options.onNote };
  yield* tableMappings(walk, root, levels, 0, SECOND_LEVEL_READ | SECOND_LEVEL_WRITE, 0);
}

interface Walk {
  readonly memory: MemoryReader;
  /** Table pages that may still be read. */
  budget: number;
  readonly path: Address[];
  readonly onNote: ((note: TableNote) => void) | undefined;
}

function* tableMappings(
  walk: Walk,
  table: Address,
  level: number,
  start: Address,
  permissions: number,
  pointer: Address,
): IterableIterator<SecondLevelMapping> {
  if (walk.path.includes(table)) {
    walk.onNote?.({ kind: 'loop', entryAddress: pointer, level: level + 1 });
    return;
  }
  if (walk.budget === 0) {
    walk.budget = -1;
    walk.onNote?.({ kind: 'limit', entryAddress: pointer, level: level + 1 });
  }
  if (walk.budget < 0) return;
  walk.budget--;
  walk.path.push(table);
  const bytes = bytesPerEntry(level);
  for (let index = 0; index < PAGE_TABLE_ENTRIES && walk.budget >= 0; index++) {
    const entryAddress = table + index * PAGE_ENTRY_BYTES;
    const low = walk.memory.read32(entryAddress);
    if (!secondLevelPresent(low)) continue;
    const high = walk.memory.read32(entryAddress + 4);
    if (low === 0xffff_ffff && high === 0xffff_ffff) {
      walk.onNote?.({ kind: 'unreadable', entryAddress, level });
      continue;
    }
    const allowed = permissions & low;
    const iova = start + index * bytes;
    const target = pageEntryAddress(low, high);
    if (level === 1 || (low & SECOND_LEVEL_SUPERPAGE) !== 0) {
      yield {
        iova,
        bytes,
        physical: target - (target % bytes),
        read: (allowed & SECOND_LEVEL_READ) !== 0,
        write: (allowed & SECOND_LEVEL_WRITE) !== 0,
        level,
        entryAddress,
        low,
        high,
      };
    } else yield* tableMappings(walk, target, level - 1, iova, allowed, entryAddress);
  }
  walk.path.pop();
}

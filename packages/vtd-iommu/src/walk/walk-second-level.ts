import type { Address } from '@quiesce/simulation';
import {
  bytesPerEntry,
  pageEntryAddress,
  pageTableIndex,
  SECOND_LEVEL_SUPERPAGE,
} from '../tables/page-entry.ts';
import { unreadable, type WalkTrail } from './table-image.ts';

/** Where a walk through one page table ended. */
export interface PageFound {
  /** 0 when nothing was found. */
  readonly physical: Address;
  readonly pageBytes: number;
  readonly read: boolean;
  readonly write: boolean;
  readonly outcome: 'found' | 'not-present' | 'root-unreadable' | 'table-unreadable';
}

const nothing = { physical: 0, pageBytes: 0, read: false, write: false };

/** Walks a second-level table of a memory image, noting each entry. It shows what is there, so reserved bits do not stop it. */
export function walkSecondLevel(
  trail: WalkTrail,
  root: Address,
  levels: number,
  address: Address,
): PageFound {
  let table = root;
  let read = true;
  let write = true;
  for (let level = levels; level >= 1; level--) {
    const step = trail.read(level, table, pageTableIndex(address, level), 8, 'second');
    if (unreadable(step)) {
      return { ...nothing, outcome: level === levels ? 'root-unreadable' : 'table-unreadable' };
    }
    if ((step.entryLow & 3) === 0) return { ...nothing, outcome: 'not-present' };
    read &&= (step.entryLow & 1) !== 0;
    write &&= (step.entryLow & 2) !== 0;
    const next = pageEntryAddress(step.entryLow, step.entryHigh);
    if (level === 1 || (level <= 3 && (step.entryLow & SECOND_LEVEL_SUPERPAGE) !== 0)) {
      const pageBytes = bytesPerEntry(level);
      const physical = next - (next % pageBytes) + (address % pageBytes);
      return { physical, pageBytes, read, write, outcome: 'found' };
    }
    table = next;
  }
  return { ...nothing, outcome: 'not-present' };
}

import {
  PAGE_ENTRY_BYTES,
  PAGE_TABLE_ENTRIES,
  pageEntryAddress,
  SECOND_LEVEL_SUPERPAGE,
  secondLevelPresent,
} from '@quiesce/vtd-iommu';
import type { Duplication } from './duplication.ts';

/**
 * Duplicates a second-level page table of `levels` levels and returns the new root. Leaves are kept bit for bit;
 * entries that point to tables keep their flags and point to the duplicates.
 */
export function duplicatePageTable(work: Duplication, root: number, levels: number): number {
  return duplicateLevel(work, root, levels, []);
}

function duplicateLevel(work: Duplication, table: number, level: number, path: readonly number[]): number {
  const copy = work.newPage();
  const below = [...path, table];
  for (let index = 0; index < PAGE_TABLE_ENTRIES; index++) {
    const from = table + index * PAGE_ENTRY_BYTES;
    const low = work.memory.read32(from);
    if (!secondLevelPresent(low)) continue;
    const high = work.memory.read32(from + 4);
    if (low === 0xffff_ffff && high === 0xffff_ffff) {
      work.doubt(from, 'reads as all ones');
      continue;
    }
    const to = copy + index * PAGE_ENTRY_BYTES;
    if (level === 1 || (low & SECOND_LEVEL_SUPERPAGE) !== 0) {
      writeEntry(work, to, low, high);
      continue;
    }
    const next = pageEntryAddress(low, high);
    if (next === 0 || below.includes(next)) {
      work.doubt(from, 'points to no table of its own');
      continue;
    }
    const link = duplicateLevel(work, next, level - 1, below);
    writeEntry(work, to, linkLow(link, low), linkHigh(link, high));
  }
  return copy;
}

/** `low` with bits 31:12 taken from `address`. */
export function linkLow(address: number, low: number): number {
  return (((address >>> 0) & 0xffff_f000) | (low & 0xfff)) >>> 0;
}

/** `high` with bits 51:32 taken from `address`. */
export function linkHigh(address: number, high: number): number {
  return ((Math.floor(address / 2 ** 32) & 0x000f_ffff) | (high & 0xfff0_0000)) >>> 0;
}

/** The dword that makes an entry present goes last. */
export function writeEntry(work: Duplication, address: number, low: number, high: number): void {
  work.memory.write32(address + 4, high);
  work.memory.write32(address, low);
}

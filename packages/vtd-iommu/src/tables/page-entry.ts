import { type Address, pageAddress } from '@quiesce/simulation';
import { type Entry64, pointerHigh, pointerLow } from './entry-words.ts';

/** Bytes of an entry of any page table. */
export const PAGE_ENTRY_BYTES = 8;
/** Entries of a page-table page at every level. */
export const PAGE_TABLE_ENTRIES = 512;

/** Second level, VT-d 9.8: bit 0 R, bit 1 W, bit 7 PS, bit 11 SNP, bit 62 TM. */
export const SECOND_LEVEL_READ = 0x1;
/** Bit 1. */
export const SECOND_LEVEL_WRITE = 0x2;
/** Bit 7: a leaf above level 1. */
export const SECOND_LEVEL_SUPERPAGE = 0x80;
/** Bit 8, where the unit keeps it. */
export const SECOND_LEVEL_ACCESSED = 0x100;
/** Bit 9, where the unit keeps it. */
export const SECOND_LEVEL_DIRTY = 0x200;
/** Bit 11. */
export const SECOND_LEVEL_SNOOP = 0x800;
/** In the high word. */
export const SECOND_LEVEL_TRANSIENT_HIGH = 0x4000_0000;

/** First level, VT-d 9.7. Bit 63 (XD) is in the high word. */
export const FIRST_LEVEL_PRESENT = 0x1;
/** Bit 1. */
export const FIRST_LEVEL_WRITE = 0x2;
/** Bit 2. */
export const FIRST_LEVEL_USER = 0x4;
/** Bit 5. */
export const FIRST_LEVEL_ACCESSED = 0x20;
/** Bit 6. */
export const FIRST_LEVEL_DIRTY = 0x40;
/** Bit 7: a leaf above level 1. */
export const FIRST_LEVEL_SUPERPAGE = 0x80;
/** Bit 10. */
export const FIRST_LEVEL_EXTENDED_ACCESSED = 0x400;
/** Bit 63, in the high word. */
export const FIRST_LEVEL_EXECUTE_DISABLE_HIGH = 0x8000_0000;

/** What a second-level entry says. */
export interface SecondLevelEntry {
  /** Next table or page; a superpage's must be aligned to its size. */
  readonly address: Address;
  readonly read: boolean;
  readonly write: boolean;
  /** Leaf of 2 MiB or 1 GiB. */
  readonly superpage?: boolean;
  readonly snoop?: boolean;
  readonly transient?: boolean;
}

/** A second-level entry, leaf or pointer. */
export function secondLevelEntry(entry: SecondLevelEntry): Entry64 {
  const flags =
    (entry.read ? SECOND_LEVEL_READ : 0) |
    (entry.write ? SECOND_LEVEL_WRITE : 0) |
    (entry.superpage ? SECOND_LEVEL_SUPERPAGE : 0) |
    (entry.snoop ? SECOND_LEVEL_SNOOP : 0);
  const high = pointerHigh(entry.address) | (entry.transient ? SECOND_LEVEL_TRANSIENT_HIGH : 0);
  return { low: pointerLow(entry.address, flags), high: high >>> 0 };
}

/** A second-level entry is present if it allows reading or writing. */
export function secondLevelPresent(low: number): boolean {
  return (low & (SECOND_LEVEL_READ | SECOND_LEVEL_WRITE)) !== 0;
}

/** What a first-level entry says. */
export interface FirstLevelEntry {
  readonly address: Address;
  readonly write: boolean;
  readonly user: boolean;
  readonly superpage?: boolean;
  readonly accessed?: boolean;
  readonly dirty?: boolean;
  readonly executeDisable?: boolean;
}

/** A present first-level entry (VT-d 9.7), the format of a CPU's page table. */
export function firstLevelEntry(entry: FirstLevelEntry): Entry64 {
  const flags =
    FIRST_LEVEL_PRESENT |
    (entry.write ? FIRST_LEVEL_WRITE : 0) |
    (entry.user ? FIRST_LEVEL_USER : 0) |
    (entry.accessed ? FIRST_LEVEL_ACCESSED : 0) |
    (entry.dirty ? FIRST_LEVEL_DIRTY : 0) |
    (entry.superpage ? FIRST_LEVEL_SUPERPAGE : 0);
  const high = pointerHigh(entry.address) | (entry.executeDisable ? FIRST_LEVEL_EXECUTE_DISABLE_HIGH : 0);
  return { low: pointerLow(entry.address, flags), high: high >>> 0 };
}

/** Bit 0. */
export function firstLevelPresent(low: number): boolean {
  return (low & FIRST_LEVEL_PRESENT) !== 0;
}

/** Bits 51:12 of an entry of either format. Bits below a superpage's size are not masked. */
export function pageEntryAddress(low: number, high: number): Address {
  return pageAddress(low, high);
}

const entryBytes: readonly number[] = [0, 1, 2, 3, 4, 5, 6].map((level) => 2 ** (3 + 9 * level));

/** Bytes that one entry at `level` (1 = leaf table) covers: 4 KiB, 2 MiB, 1 GiB, 512 GiB, 256 TiB. */
export function bytesPerEntry(level: number): number {
  return entryBytes[level] ?? 2 ** (3 + 9 * level);
}

/** Index into the table at `level`, 0 .. 511. */
export function pageTableIndex(iova: Address, level: number): number {
  return Math.floor(iova / bytesPerEntry(level)) % PAGE_TABLE_ENTRIES;
}

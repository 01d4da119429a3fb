import { type Address, assert, pageAddress } from '@quiesce/simulation';
import { type Entry64, type EntryWords, pointerHigh, pointerLow } from './entry-words.ts';

/** Bytes of a PASID directory entry; index is PASID[19:6] (VT-d 9.5). */
export const PASID_DIRECTORY_ENTRY_BYTES = 8;
/** Bytes of a PASID table entry; index is PASID[5:0] (VT-d 9.6). */
export const PASID_ENTRY_BYTES = 64;
/** Bit 0. */
export const PASID_DIRECTORY_PRESENT = 0x1;
/** Bit 1 (FPD). */
export const PASID_DIRECTORY_FAULT_DISABLE = 0x2;
/** Bits 11:2. */
export const PASID_DIRECTORY_RESERVED_LOW = 0xffc;
/** Bit 0. */
export const PASID_ENTRY_PRESENT = 0x1;
/** Bit 1 (FPD). */
export const PASID_ENTRY_FAULT_DISABLE = 0x2;
/** Bits 11:10 of the first dword. */
export const PASID_ENTRY_RESERVED_WORD0 = 0xc00;
/** Bits 86:80 are bits 22:16 of the third dword. */
export const PASID_ENTRY_RESERVED_WORD2 = 0x007f_0000;

/** PASID granular translation type, bits 8:6. 0 and 5 .. 7 are reserved. */
export const FIRST_LEVEL_TRANSLATION = 1;
/** Through the second level alone. */
export const SECOND_LEVEL_TRANSLATION = 2;
/** Through the first level, and its results through the second. */
export const NESTED_TRANSLATION = 3;
/** Addresses go through as they are. */
export const PASID_PASS_THROUGH = 4;
/** A translation type that is not reserved. */
export type PasidTranslationType = 1 | 2 | 3 | 4;

/** What a PASID table entry says. */
export interface PasidEntry {
  readonly translationType: PasidTranslationType;
  /** 0 .. 65535 */
  readonly domainId: number;
  /** Root of the second-level table (second-level and nested). */
  readonly secondLevelTable?: Address;
  /** Levels of the second-level table: 3, 4 or 5; default 4. */
  readonly secondLevelLevels?: number;
  /** Second-level accessed and dirty flags (SSADE, bit 9). */
  readonly secondLevelAccessedDirty?: boolean;
  /** Root of the first-level table (first-level and nested). */
  readonly firstLevelTable?: Address;
  /** Levels of the first-level table: 4 or 5; default 4. */
  readonly firstLevelLevels?: 4 | 5;
  /** SRE: supervisor requests are allowed. */
  readonly supervisorRequests?: boolean;
  /** ERE: execute requests are allowed. */
  readonly executeRequests?: boolean;
  /** WPE: a privileged write obeys the write permission too. */
  readonly writeProtect?: boolean;
  /** EAFE: the extended-accessed flag is set in first-level entries. */
  readonly extendedAccessed?: boolean;
  readonly pageWalkSnoop?: boolean;
  readonly pageSnoop?: boolean;
  readonly faultDisable?: boolean;
}

/** A present PASID directory entry (VT-d 9.5). */
export function pasidDirectoryEntry(table: Address, faultDisable = false): Entry64 {
  const flags = PASID_DIRECTORY_PRESENT | (faultDisable ? PASID_DIRECTORY_FAULT_DISABLE : 0);
  return { low: pointerLow(table, flags), high: pointerHigh(table) };
}

/** Bit 0. */
export function pasidDirectoryPresent(low: number): boolean {
  return (low & PASID_DIRECTORY_PRESENT) !== 0;
}

/** Bit 1. */
export function pasidDirectoryFaultDisable(low: number): boolean {
  return (low & PASID_DIRECTORY_FAULT_DISABLE) !== 0;
}

/** Bits 63:12. */
export function pasidDirectoryTable(low: number, high: number): Address {
  return pageAddress(low, high);
}

/** A present PASID table entry (VT-d 9.6): sixteen dwords. */
export function pasidEntry(entry: PasidEntry): EntryWords {
  const levels = entry.secondLevelLevels ?? 4;
  assert(levels >= 2 && levels <= 6, `a second-level table has no ${levels} levels`);
  const words = new Array<number>(16).fill(0);
  const flags =
    PASID_ENTRY_PRESENT |
    (entry.faultDisable ? PASID_ENTRY_FAULT_DISABLE : 0) |
    ((levels - 2) << 2) |
    (entry.translationType << 6) |
    (entry.secondLevelAccessedDirty ? 1 << 9 : 0);
  words[0] = pointerLow(entry.secondLevelTable ?? 0, flags);
  words[1] = pointerHigh(entry.secondLevelTable ?? 0);
  words[2] =
    (entry.domainId & 0xffff) | (entry.pageWalkSnoop ? 1 << 23 : 0) | (entry.pageSnoop ? 1 << 24 : 0);
  words[4] = pointerLow(
    entry.firstLevelTable ?? 0,
    (entry.supervisorRequests ? 1 : 0) |
      (entry.executeRequests ? 2 : 0) |
      (((entry.firstLevelLevels ?? 4) - 4) << 2) |
      (entry.writeProtect ? 1 << 4 : 0) |
      (entry.extendedAccessed ? 1 << 7 : 0),
  );
  words[5] = pointerHigh(entry.firstLevelTable ?? 0);
  return words;
}

/** Bit 0. */
export function pasidEntryPresent(word0: number): boolean {
  return (word0 & PASID_ENTRY_PRESENT) !== 0;
}

/** Bit 1. */
export function pasidEntryFaultDisable(word0: number): boolean {
  return (word0 & PASID_ENTRY_FAULT_DISABLE) !== 0;
}

/** Bits 4:2: 1, 2, 3 = 3, 4, 5 levels of second-level table. */
export function pasidEntryAddressWidth(word0: number): number {
  return (word0 >>> 2) & 7;
}

/** Bits 8:6. */
export function pasidEntryTranslationType(word0: number): number {
  return (word0 >>> 6) & 7;
}

/** SSADE, bit 9. */
export function pasidEntrySecondLevelAccessedDirty(word0: number): boolean {
  return (word0 & (1 << 9)) !== 0;
}

/** Bits 63:12. */
export function pasidEntrySecondLevelTable(word0: number, word1: number): Address {
  return pageAddress(word0, word1);
}

/** Bits 79:64. */
export function pasidEntryDomainId(word2: number): number {
  return word2 & 0xffff;
}

/** Bit 87. */
export function pasidEntryPageWalkSnoop(word2: number): boolean {
  return (word2 & (1 << 23)) !== 0;
}

/** Bit 88. */
export function pasidEntryPageSnoop(word2: number): boolean {
  return (word2 & (1 << 24)) !== 0;
}

/** SRE, bit 128. */
export function pasidEntrySupervisorRequests(word4: number): boolean {
  return (word4 & 1) !== 0;
}

/** ERE, bit 129. */
export function pasidEntryExecuteRequests(word4: number): boolean {
  return (word4 & 2) !== 0;
}

/** FSPM, bits 131:130: 0 = 4 levels, 1 = 5 levels; 2 and 3 are reserved. */
export function pasidEntryFirstLevelMode(word4: number): number {
  return (word4 >>> 2) & 3;
}

/** WPE, bit 132. */
export function pasidEntryWriteProtect(word4: number): boolean {
  return (word4 & (1 << 4)) !== 0;
}

/** EAFE, bit 135. */
export function pasidEntryExtendedAccessed(word4: number): boolean {
  return (word4 & (1 << 7)) !== 0;
}

/** Bits 191:140. */
export function pasidEntryFirstLevelTable(word4: number, word5: number): Address {
  return pageAddress(word4, word5);
}

import { type Address, assert, pageAddress } from '@quiesce/simulation';
import { type EntryWords, pointerHigh, pointerLow } from './entry-words.ts';

/** Bytes of a legacy context entry; index is devfn (VT-d 9.3). */
export const CONTEXT_ENTRY_BYTES = 16;
/** Bit 0. */
export const CONTEXT_PRESENT = 0x1;
/** FPD: faults of this requester are not recorded, but still blocked. */
export const CONTEXT_FAULT_DISABLE = 0x2;
/** Bits 11:4 of the first dword. */
export const CONTEXT_RESERVED_WORD0 = 0xff0;
/** Bits 7 and 31:24 of the third dword; bits 6:3 are ignored by hardware. */
export const CONTEXT_RESERVED_WORD2 = 0xff00_0080;

/** Translation type, bits 3:2. 3 is reserved. */
export const TRANSLATE_UNTRANSLATED_ONLY = 0;
/** Translate, and answer translation requests (ATS). */
export const TRANSLATE_WITH_DEVICE_TLB = 1;
/** Addresses go through as they are. */
export const PASS_THROUGH = 2;
/** A translation type that is not reserved. */
export type TranslationType = 0 | 1 | 2;

/** What a context entry says. */
export interface ContextEntry {
  /** 0 translate, 1 translate and answer a device-TLB, 2 pass-through. */
  readonly translationType?: TranslationType;
  /** Root of the second-level table; not used with pass-through. */
  readonly pageTable?: Address;
  /** Levels of the page table: 3, 4 or 5; default 4. With pass-through the widest that the unit has. */
  readonly levels?: number;
  /** 0 .. 65535 */
  readonly domainId: number;
  readonly faultDisable?: boolean;
  /** Bits 70:67, for software; Linux 4.2 to 5.19 marked entries copied from the old kernel here. */
  readonly available?: number;
}

/** A present legacy context entry (VT-d 9.3). */
export function contextEntry(entry: ContextEntry): EntryWords {
  const levels = entry.levels ?? 4;
  assert(levels >= 2 && levels <= 6, `a second-level table has no ${levels} levels`);
  const flags =
    CONTEXT_PRESENT | (entry.faultDisable ? CONTEXT_FAULT_DISABLE : 0) | ((entry.translationType ?? 0) << 2);
  const table = entry.pageTable ?? 0;
  const word2 = (levels - 2) | (((entry.available ?? 0) & 0xf) << 3) | ((entry.domainId & 0xffff) << 8);
  return [pointerLow(table, flags), pointerHigh(table), word2 >>> 0, 0];
}

/** Bit 0. */
export function contextPresent(word0: number): boolean {
  return (word0 & CONTEXT_PRESENT) !== 0;
}

/** Bit 1. */
export function contextFaultDisable(word0: number): boolean {
  return (word0 & CONTEXT_FAULT_DISABLE) !== 0;
}

/** Bits 3:2; 3 is reserved. */
export function contextTranslationType(word0: number): number {
  return (word0 >>> 2) & 3;
}

/** Bits 63:12: root of the second-level table. */
export function contextPageTable(word0: number, word1: number): Address {
  return pageAddress(word0, word1);
}

/** Address width field, bits 66:64: 1, 2, 3 = 3, 4, 5 levels. */
export function contextAddressWidth(word2: number): number {
  return word2 & 7;
}

/** Levels of the page table; 2 .. 9 as the field says, only 3 .. 5 exist. */
export function contextLevels(word2: number): number {
  return (word2 & 7) + 2;
}

/** Bits 87:72. */
export function contextDomainId(word2: number): number {
  return (word2 >>> 8) & 0xffff;
}

/** Bits 70:67. */
export function contextAvailable(word2: number): number {
  return (word2 >>> 3) & 0xf;
}

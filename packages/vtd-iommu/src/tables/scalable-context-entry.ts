import { type Address, assert, pageAddress } from '@quiesce/simulation';
import { type EntryWords, pointerHigh, pointerLow } from './entry-words.ts';

/** Bytes of a scalable-mode context entry; index is devfn modulo 128 (VT-d 9.4). */
export const SCALABLE_CONTEXT_ENTRY_BYTES = 32;
/** Bit 0. */
export const SCALABLE_CONTEXT_PRESENT = 0x1;
/** Bit 1 (FPD). */
export const SCALABLE_CONTEXT_FAULT_DISABLE = 0x2;
/** DTE: the unit answers translation requests of a device-TLB. */
export const SCALABLE_CONTEXT_DEVICE_TLB = 0x4;
/** PASIDE: requests with PASID are allowed. */
export const SCALABLE_CONTEXT_PASID_ENABLE = 0x8;
/** PRE: page requests are allowed. */
export const SCALABLE_CONTEXT_PAGE_REQUESTS = 0x10;
/** Bits 8:5 of the first dword. */
export const SCALABLE_CONTEXT_RESERVED_WORD0 = 0x1e0;
/** Bits 31:21 of the third dword (bit 84 is RID_PRIV). */
export const SCALABLE_CONTEXT_RESERVED_WORD2 = 0xffe0_0000;

/** What a scalable-mode context entry says. */
export interface ScalableContextEntry {
  readonly pasidDirectory: Address;
  /** PDTS, 0 .. 7: the directory has 2^(n+7) entries, so PASIDs below 2^(n+13). Default 0. */
  readonly pasidDirectorySize?: number;
  /** PASID of requests that carry none; default 0. */
  readonly requestsWithoutPasid?: number;
  /** RID_PRIV: requests without PASID count as privileged. */
  readonly privileged?: boolean;
  readonly deviceTlb?: boolean;
  readonly pasidEnable?: boolean;
  readonly pageRequests?: boolean;
  readonly faultDisable?: boolean;
}

/** A present scalable-mode context entry (VT-d 9.4): eight dwords. */
export function scalableContextEntry(entry: ScalableContextEntry): EntryWords {
  const size = entry.pasidDirectorySize ?? 0;
  assert(size >= 0 && size <= 7, `PASID directory size ${size} does not fit 3 bits`);
  const flags =
    SCALABLE_CONTEXT_PRESENT |
    (entry.faultDisable ? SCALABLE_CONTEXT_FAULT_DISABLE : 0) |
    (entry.deviceTlb ? SCALABLE_CONTEXT_DEVICE_TLB : 0) |
    (entry.pasidEnable ? SCALABLE_CONTEXT_PASID_ENABLE : 0) |
    (entry.pageRequests ? SCALABLE_CONTEXT_PAGE_REQUESTS : 0) |
    (size << 9);
  const word2 = ((entry.requestsWithoutPasid ?? 0) & 0xf_ffff) | (entry.privileged ? 1 << 20 : 0);
  return [pointerLow(entry.pasidDirectory, flags), pointerHigh(entry.pasidDirectory), word2, 0, 0, 0, 0, 0];
}

/** Bit 0. */
export function scalableContextPresent(word0: number): boolean {
  return (word0 & SCALABLE_CONTEXT_PRESENT) !== 0;
}

/** Bit 1. */
export function scalableContextFaultDisable(word0: number): boolean {
  return (word0 & SCALABLE_CONTEXT_FAULT_DISABLE) !== 0;
}

/** Bit 2. */
export function scalableContextDeviceTlb(word0: number): boolean {
  return (word0 & SCALABLE_CONTEXT_DEVICE_TLB) !== 0;
}

/** Bit 3. */
export function scalableContextPasidEnable(word0: number): boolean {
  return (word0 & SCALABLE_CONTEXT_PASID_ENABLE) !== 0;
}

/** Bit 4. */
export function scalableContextPageRequests(word0: number): boolean {
  return (word0 & SCALABLE_CONTEXT_PAGE_REQUESTS) !== 0;
}

/** PDTS, bits 11:9. */
export function scalableContextDirectorySize(word0: number): number {
  return (word0 >>> 9) & 7;
}

/** One above the highest PASID that the directory reaches: 2^(PDTS+13). */
export function scalableContextPasidLimit(word0: number): number {
  return 2 ** (scalableContextDirectorySize(word0) + 13);
}

/** Bits 63:12. */
export function scalableContextPasidDirectory(word0: number, word1: number): Address {
  return pageAddress(word0, word1);
}

/** RID_PASID, bits 83:64. */
export function scalableContextRidPasid(word2: number): number {
  return word2 & 0xf_ffff;
}

/** RID_PRIV, bit 84. */
export function scalableContextRidPrivileged(word2: number): boolean {
  return (word2 & (1 << 20)) !== 0;
}

import { type Address, pageAddress } from '@quiesce/simulation';
import { type EntryWords, pointerHigh, pointerLow } from './entry-words.ts';

/** Bytes of a root entry in either mode; index is the bus number (VT-d 9.1, 9.2). */
export const ROOT_ENTRY_BYTES = 16;
/** Bit 0 of a legacy root entry (P), of the low half (LP) and of the high half (UP) of a scalable one. */
export const ROOT_PRESENT = 0x1;
/** Bits 11:1, reserved in each half that is in use. The upper half of a legacy root entry is reserved as a whole. */
export const ROOT_RESERVED_LOW = 0xffe;

/** Legacy root entry of a bus (VT-d 9.1). */
export function legacyRootEntry(contextTable: Address): EntryWords {
  return [pointerLow(contextTable, ROOT_PRESENT), pointerHigh(contextTable), 0, 0];
}

/**
 * Scalable-mode root entry of a bus (VT-d 9.2): one context table for devfn 0x00 .. 0x7f, one for 0x80 .. 0xff.
 * Undefined leaves that half not present.
 */
export function scalableRootEntry(lower: Address | undefined, upper: Address | undefined): EntryWords {
  const half = (table: Address | undefined): number[] =>
    table === undefined ? [0, 0] : [pointerLow(table, ROOT_PRESENT), pointerHigh(table)];
  return [...half(lower), ...half(upper)];
}

/** Present bit of a half (a legacy entry has one half). */
export function rootPresent(low: number): boolean {
  return (low & ROOT_PRESENT) !== 0;
}

/** Context-table pointer of a half. */
export function rootContextTable(low: number, high: number): Address {
  return pageAddress(low, high);
}

import { type Address, highWord, lowWord } from '@quiesce/simulation';

/** Bytes of a context descriptor. */
export const CONTEXT_DESCRIPTOR_BYTES = 64;
/** Dwords of a context descriptor. */
export const CONTEXT_DESCRIPTOR_WORDS = 16;

/** What a stage 1 context descriptor says (SMMUv3 5.4). */
export interface ContextDescriptorFields {
  /** TTB0 */
  readonly pageTable: Address;
  /** Levels of the table: 4 (48 bits), 3 (39 bits) or 2 (30 bits). */
  readonly levels: number;
  readonly asid: number;
  /** IPS; default 5, 48 bits. */
  readonly outputSize?: number;
  /** CD.R: faults are recorded; default true. */
  readonly recordFaults?: boolean;
}

/** A valid context descriptor for AArch64 tables of 4 KiB through TTB0. */
export function contextDescriptor(fields: ContextDescriptorFields): number[] {
  const { pageTable, levels, asid, outputSize = 5, recordFaults = true } = fields;
  const words = Array.from({ length: CONTEXT_DESCRIPTOR_WORDS }, () => 0);
  const t0sz = 64 - (12 + 9 * levels);
  // IRGN0, ORGN0 write-back, SH0 inner; EPD1; V.
  words[0] = (t0sz | (1 << 8) | (1 << 10) | (3 << 12) | (1 << 30) | (1 << 31)) >>> 0;
  // IPS, AA64, R, A, ASET, ASID.
  words[1] =
    (outputSize | (1 << 9) | (recordFaults ? 1 << 13 : 0) | (1 << 14) | (1 << 15) | (asid << 16)) >>> 0;
  words[2] = (lowWord(pageTable) & 0xffff_fff0) >>> 0;
  words[3] = highWord(pageTable);
  // MAIR as Linux has it: non-cacheable, write-back, device.
  words[6] = 0xf404_ff44;
  return words;
}

/** CD.V */
export function contextDescriptorValid(low: number): boolean {
  return low >>> 31 === 1;
}

/** CD.ASID of the second dword. */
export function contextDescriptorAsid(high: number): number {
  return high >>> 16;
}

/** CD.TTB0 of the third and fourth dword. */
export function contextDescriptorTable(low: number, high: number): Address {
  return (high & 0xf_ffff) * 0x1_0000_0000 + ((low & 0xffff_fff0) >>> 0);
}

/** Levels of the table that T0SZ of the first dword asks for with pages of 4 KiB. */
export function contextDescriptorLevels(low: number): number {
  return Math.ceil((64 - (low & 0x3f) - 12) / 9);
}

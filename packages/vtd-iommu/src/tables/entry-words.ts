import {
  type Address,
  highWord,
  lowWord,
  type MemoryAccess,
  type MemoryReader,
  type WriterId,
} from '@quiesce/simulation';

/** An entry of 64 bits as two words. */
export interface Entry64 {
  /** Bits 31:0, unsigned. */
  readonly low: number;
  /** Bits 63:32, unsigned. */
  readonly high: number;
}

/** An entry of more than 64 bits: its dwords, lowest first, unsigned. */
export type EntryWords = readonly number[];

/** Reads `count` dwords from `address` (a multiple of 4). */
export function readWords(memory: MemoryReader, address: Address, count: number): number[] {
  const words: number[] = [];
  for (let i = 0; i < count; i++) words.push(memory.read32(address + 4 * i));
  return words;
}

/**
 * Writes an entry from its last dword to its first, so that the dword with the Present bit comes last:
 * hardware that walks the table in between must not take half an entry for a whole one.
 */
export function writeWords(
  memory: MemoryAccess,
  address: Address,
  words: EntryWords,
  writer: WriterId,
): void {
  for (let i = words.length - 1; i >= 0; i--) memory.write32(address + 4 * i, words[i] as number, writer);
}

/** Low word of a pointer field with the flag bits of its entry. */
export function pointerLow(address: Address, flags: number): number {
  return (((lowWord(address) & 0xffff_f000) | flags) & 0xffff_ffff) >>> 0;
}

/** High word of a pointer field. */
export function pointerHigh(address: Address): number {
  return highWord(address);
}

import { type Address, highWord, lowWord } from '@quiesce/simulation';

/** PR in word 0. */
export const PAGE_PRESENT = 1;
export const PAGE_READ = 0x2000_0000;
export const PAGE_WRITE = 0x4000_0000;
/** Next level 7: a page whose size stands in its address bits. */
export const PAGE_SIZE_IN_ADDRESS = 7;

/** Two words of an entry of the I/O page tables (48882, 2.2.3): a table of `nextLevel`, or a page with 0. */
export function pageTableEntry(fields: {
  readonly address: Address;
  /** 0: page of the level's own size; 1 to 6: a table; 7: page of a size that its address says. */
  readonly nextLevel: number;
  readonly read: boolean;
  readonly write: boolean;
}): readonly [number, number] {
  const { address, nextLevel, read, write } = fields;
  return [
    lowWord(address) + nextLevel * 0x200 + PAGE_PRESENT,
    highWord(address) + (read ? PAGE_READ : 0) + (write ? PAGE_WRITE : 0),
  ];
}

export function pageEntryLevel(low: number): number {
  return (low >>> 9) & 7;
}

/** Bits 51:12. */
export function pageEntryAddress(low: number, high: number): Address {
  return (high & 0xf_ffff) * 0x1_0000_0000 + ((low & 0xffff_f000) >>> 0);
}

/** Bytes that an entry at `level` (1 = 4 KiB) covers. */
export function bytesAtLevel(level: number): number {
  return 4096 * 512 ** (level - 1);
}

/** Index into the table of `level` for an address. */
export function indexAtLevel(address: Address, level: number): number {
  return Math.floor(address / bytesAtLevel(level)) % 512;
}

/** Bytes of a page of next level 7: the lowest clear bit above bit 11 ends the size (48882, table 14). */
export function encodedPageBytes(address: Address): number {
  let bytes = 8192;
  let rest = Math.floor(address / 4096);
  while (rest % 2 === 1 && bytes < 2 ** 51) {
    bytes *= 2;
    rest = Math.floor(rest / 2);
  }
  return bytes;
}

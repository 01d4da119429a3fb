import type { Address, RegisterFile } from '@quiesce/simulation';

/** Bytes of a ring of 16-byte entries, from the upper half of its base register: 2^LEN entries. */
export function ringBytes(high: number): number {
  return 16 * 2 ** ((high >>> 24) & 0xf);
}

/** Where the ring is whose base register stands at `offset`. */
export function ringAddress(registers: RegisterFile, offset: number): Address {
  const low = (registers.peek32(offset) & 0xffff_f000) >>> 0;
  return (registers.peek32(offset + 4) & 0xf_ffff) * 0x1_0000_0000 + low;
}

/** The halves of a base register for a ring of `entries`, a power of two of 256 to 32,768. */
export function ringRegister(address: Address, entries: number): { low: number; high: number } {
  return {
    low: address % 0x1_0000_0000,
    high: Math.floor(address / 0x1_0000_0000) + Math.log2(entries) * 2 ** 24,
  };
}

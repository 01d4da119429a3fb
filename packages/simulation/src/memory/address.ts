/** A physical address: an integer of 0 .. 2^52 - 1. */
export type Address = number;

/** One above the highest physical address that the architecture has. */
export const ADDRESS_LIMIT: Address = 2 ** 52;
/** Bytes of the smallest page, here and in every remapping table. */
export const PAGE_SIZE = 4096;

/** MSIs are memory writes to this window; it is never memory. */
export const INTERRUPT_WINDOW: { readonly start: Address; readonly end: Address } = {
  start: 0xfee0_0000,
  end: 0xfef0_0000,
};

/** Puts the two halves of a 64-bit entry's address field together; bits 11:0 and 63:52 are dropped. */
export function pageAddress(low: number, high: number): Address {
  return (high & 0x000f_ffff) * 0x1_0000_0000 + ((low & 0xffff_f000) >>> 0);
}

/** Low 32 bits of an address. */
export function lowWord(address: Address): number {
  return address >>> 0;
}

/** Bits 63:32 of an address. */
export function highWord(address: Address): number {
  return Math.floor(address / 0x1_0000_0000);
}

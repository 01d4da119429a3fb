import { type Address, highWord, lowWord } from '@quiesce/simulation';

/** Format 3:1 and type of memory requests (PCIe 2.2.1, table 2-3), in the place they have in the first dword. */
const WITH_DATA = 0x4000_0000;
const FOUR_DWORDS = 0x2000_0000;
const ALL_BYTES = 0xf;

/** The four dwords of a TLP's header, as the Header Log register keeps them: byte 0 in bits 31:24. */
export type TlpHeader = Uint32Array;

export function newTlpHeader(): TlpHeader {
  return new Uint32Array(4);
}

/** Fills `header` with a memory request of up to 4,096 bytes; the tag is 0. */
export function memoryRequestHeader(
  header: TlpHeader,
  requesterId: number,
  address: Address,
  length: number,
  write: boolean,
): void {
  const dwords = Math.max(1, Math.ceil(length / 4));
  const high = highWord(address);
  header[0] = (write ? WITH_DATA : 0) + (high === 0 ? 0 : FOUR_DWORDS) + (dwords & 0x3ff);
  header[1] = requesterId * 0x1_0000 + (dwords > 1 ? (ALL_BYTES << 4) | ALL_BYTES : ALL_BYTES);
  const low = (lowWord(address) & ~3) >>> 0;
  header[2] = high === 0 ? low : high;
  header[3] = high === 0 ? 0 : low;
}

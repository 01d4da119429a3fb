import type { Address } from '@quiesce/simulation';
import { descriptorAddress } from '../descriptor-address.ts';

/** Flags of MPI elements, in the top byte of their first dword (mpi2.h). */
const MpiFlag = { type: 0x30, simple: 0x10, chain: 0x30, local: 0x08, wide: 0x02, endOfList: 0x01 } as const;
/** Flags of IEEE elements, in the top byte of their fourth dword (mpi2.h). */
const IeeeFlag = { chain: 0x80, endOfList: 0x40, location: 0x03 } as const;

/** Dwords of the longest element. */
export const ELEMENT_DWORDS = 4;

/** One element of a scatter/gather list, as it was decoded last. */
export class MptElement {
  kind: 'simple' | 'chain' | 'invalid' = 'invalid';
  address: Address = 0;
  bytes = 0;
  isLast = false;

  /** Dwords that an element has which begins with `first`. */
  static dwords(ieee: boolean, first: number): number {
    if (ieee) return ELEMENT_DWORDS;
    return ((first >>> 24) & MpiFlag.wide) !== 0 ? 3 : 2;
  }

  /** Decodes the dwords of an element. */
  decode(ieee: boolean, dwords: Float64Array): void {
    if (ieee) this.#decodeIeee(dwords);
    else this.#decodeMpi(dwords);
  }

  #decodeIeee(dwords: Float64Array): void {
    const flags = (dwords[3] as number) >>> 24;
    const isChain = (flags & IeeeFlag.chain) !== 0;
    this.kind = (flags & IeeeFlag.location) !== 0 ? 'invalid' : isChain ? 'chain' : 'simple';
    this.address = descriptorAddress(dwords[0] as number, dwords[1] as number);
    this.bytes = dwords[2] as number;
    this.isLast = (flags & IeeeFlag.endOfList) !== 0;
  }

  #decodeMpi(dwords: Float64Array): void {
    const first = dwords[0] as number;
    const flags = first >>> 24;
    const type = flags & MpiFlag.type;
    const isChain = type === MpiFlag.chain;
    const known = isChain || type === MpiFlag.simple;
    this.kind = !known || (flags & MpiFlag.local) !== 0 ? 'invalid' : isChain ? 'chain' : 'simple';
    const high = (flags & MpiFlag.wide) !== 0 ? (dwords[2] as number) : 0;
    this.address = descriptorAddress(dwords[1] as number, high);
    this.bytes = isChain ? first & 0xffff : first & 0x00ff_ffff;
    this.isLast = (flags & MpiFlag.endOfList) !== 0;
  }
}

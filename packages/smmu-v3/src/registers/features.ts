import type { Identification } from './register-block.ts';

/** What IDR0, IDR1 and IDR5 say, as far as this model has it. */
export interface Features {
  readonly twoLevelStreamTable: boolean;
  readonly coherent: boolean;
  readonly ats: boolean;
  readonly stage1: boolean;
  readonly stage2: boolean;
  /** Bits of a StreamID, 32 at most. */
  readonly streamIdBits: number;
  /** Bits of a SubstreamID (PASID); 0: there are none. */
  readonly substreamIdBits: number;
  /** log2 of entries. */
  readonly largestCommandQueue: number;
  readonly largestEventQueue: number;
  /** Bits of an output address. */
  readonly outputAddressBits: number;
}

const OUTPUT_BITS = [32, 36, 40, 42, 44, 48, 52];

/** Bits of physical address that an OAS, IPS or PS encoding stands for; reserved ones mean the largest. */
export function outputAddressBits(encoding: number): number {
  return OUTPUT_BITS[encoding] ?? 52;
}

/** Decodes the identification registers (SMMUv3 6.3.1, 6.3.2, 6.3.6). */
export function decodeFeatures({ idr0, idr1, idr5 }: Identification): Features {
  return {
    twoLevelStreamTable: ((idr0 >>> 27) & 3) === 1,
    coherent: (idr0 & 0x10) !== 0,
    ats: (idr0 & 0x400) !== 0,
    stage1: (idr0 & 2) !== 0,
    stage2: (idr0 & 1) !== 0,
    streamIdBits: Math.min(32, idr1 & 0x3f),
    substreamIdBits: Math.min(20, (idr1 >>> 6) & 0x1f),
    largestCommandQueue: Math.min(19, (idr1 >>> 21) & 0x1f),
    largestEventQueue: Math.min(19, (idr1 >>> 16) & 0x1f),
    outputAddressBits: outputAddressBits(idr5 & 7),
  };
}

import { type Address, highWord, lowWord } from '@quiesce/simulation';

/** STRTAB_BASE_CFG.FMT */
export const StreamTableFormat = { linear: 0, twoLevel: 1 } as const;

/** Bits of StreamID that level 2 looks up: 6, 8 or 10; reserved values of STRTAB_BASE_CFG.SPLIT mean 6. */
export function effectiveSplit(split: number): number {
  return split === 8 || split === 10 ? split : 6;
}

/** Where a stream table is and how it is laid out. */
export interface StreamTablePlace {
  readonly address: Address;
  /** StreamTableFormat */
  readonly format: number;
  /** Bits of StreamID that level 2 looks up; without meaning in a linear table. */
  readonly split: number;
  /** Bits of StreamID that the table covers. */
  readonly log2Size: number;
}

/** Values of STRTAB_BASE and STRTAB_BASE_CFG for a table. */
export function streamTableRegisterValues(place: StreamTablePlace): {
  readonly low: number;
  readonly high: number;
  readonly config: number;
} {
  return {
    low: (lowWord(place.address) & 0xffff_ffc0) >>> 0,
    // Read-allocate.
    high: (highWord(place.address) | (1 << 30)) >>> 0,
    config: (place.format << 16) | (place.split << 6) | place.log2Size,
  };
}

/** The table that STRTAB_BASE and STRTAB_BASE_CFG name. */
export function streamTablePlace(low: number, high: number, config: number): StreamTablePlace {
  return {
    address: (high & 0xf_ffff) * 0x1_0000_0000 + ((low & 0xffff_ffc0) >>> 0),
    format: (config >>> 16) & 3,
    split: (config >>> 6) & 0x1f,
    log2Size: config & 0x3f,
  };
}

/** Value of CMDQ_BASE or EVENTQ_BASE for a queue of 2^`log2Size` entries. */
export function queueBaseValue(address: Address, log2Size: number): { low: number; high: number } {
  return {
    low: ((lowWord(address) & 0xffff_ffe0) | log2Size) >>> 0,
    high: (highWord(address) | (1 << 30)) >>> 0,
  };
}

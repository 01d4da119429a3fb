import { type Address, highWord, lowWord } from '@quiesce/simulation';

/** Bytes of a stream table entry. */
export const STREAM_ENTRY_BYTES = 64;
/** Dwords of a stream table entry. */
export const STREAM_ENTRY_WORDS = 16;

/** STE.Config (SMMUv3 5.2): what becomes of a stream. 1, 2 and 3 are reserved and abort. */
export const StreamConfig = {
  /** Refused; no event is recorded. */
  abort: 0,
  /** Through without translation. */
  bypass: 4,
  stage1: 5,
  stage2: 6,
  nested: 7,
} as const;

/** STE.S1DSS: requests without SubstreamID where substreams are in use. */
export const DefaultSubstream = { terminate: 0, bypass: 1, substream0: 2 } as const;

/** STE.V and STE.Config of an entry's first dword. */
export function streamEntryConfig(low: number): { readonly valid: boolean; readonly config: number } {
  return { valid: (low & 1) !== 0, config: (low >>> 1) & 7 };
}

/** Whether requests of this entry's stream may get through: valid and not abort. */
export function streamEntryPasses(low: number): boolean {
  return (low & 1) !== 0 && (low & 8) !== 0;
}

/** STE.S1ContextPtr */
export function streamEntryContext(low: number, high: number): Address {
  return (high & 0xf_ffff) * 0x1_0000_0000 + ((low & 0xffff_ffc0) >>> 0);
}

/** STE.S2VMID */
export function streamEntryVmid(word4: number): number {
  return word4 & 0xffff;
}

function empty(): number[] {
  return Array.from({ length: STREAM_ENTRY_WORDS }, () => 0);
}

/** An entry that refuses everything. */
export function abortStreamEntry(): number[] {
  const words = empty();
  words[0] = 1 | (StreamConfig.abort << 1);
  return words;
}

/** An entry that lets everything through as it is. */
export function bypassStreamEntry(): number[] {
  const words = empty();
  words[0] = 1 | (StreamConfig.bypass << 1);
  // SHCFG: incoming
  words[3] = 1 << 12;
  return words;
}

/** An entry whose stream is translated by the context descriptor at `context` (64-byte aligned). */
export function stage1StreamEntry(fields: {
  readonly context: Address;
  /** log2 of the context descriptors that stand there; default 0, one. */
  readonly substreamBits?: number;
  /** S1DSS; default substream 0. */
  readonly defaultSubstream?: number;
  /** EATS: the device may ask for translations. */
  readonly ats?: boolean;
}): number[] {
  const { context, substreamBits = 0, defaultSubstream = DefaultSubstream.substream0, ats = false } = fields;
  const words = empty();
  words[0] = (lowWord(context) & 0xffff_ffc0) | (StreamConfig.stage1 << 1) | 1;
  words[1] = highWord(context) | (substreamBits << 27);
  // S1CIR, S1COR: write-back; S1CSH: inner shareable.
  words[2] = defaultSubstream | (1 << 2) | (1 << 4) | (3 << 6) | (ats ? 1 << 28 : 0);
  words[3] = 1 << 12;
  return words.map((word) => word >>> 0);
}

/** An entry whose stream is translated by a stage 2 table. */
export function stage2StreamEntry(fields: {
  readonly pageTable: Address;
  /** Levels of the table: 4, 3 or 2. */
  readonly levels: number;
  readonly vmid: number;
  /** S2PS; default 5, 48 bits. */
  readonly outputSize?: number;
  /** S2R: faults are recorded; default true. */
  readonly recordFaults?: boolean;
}): number[] {
  const { pageTable, levels, vmid, outputSize = 5, recordFaults = true } = fields;
  const words = empty();
  words[0] = 1 | (StreamConfig.stage2 << 1);
  words[3] = 1 << 12;
  words[4] = vmid & 0xffff;
  const t0sz = 64 - (12 + 9 * levels);
  words[5] = t0sz | ((levels - 2) << 6) | (1 << 8) | (1 << 10) | (3 << 12) | (outputSize << 16) | (1 << 19);
  if (recordFaults) words[5] = (words[5] as number) | (1 << 26);
  words[6] = lowWord(pageTable) & 0xffff_fff0;
  words[7] = highWord(pageTable);
  return words.map((word) => word >>> 0);
}

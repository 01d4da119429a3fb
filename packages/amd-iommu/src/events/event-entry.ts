import type { Address, MemoryReader } from '@quiesce/simulation';

/** Bytes of an event (48882, 2.5). */
export const EVENT_BYTES = 16;

/** Event codes in bits 63:60; the unit's fault reasons are these. */
export const AmdEvent = {
  illegalDeviceTableEntry: 1,
  ioPageFault: 2,
  deviceTableHardwareError: 3,
  pageTableHardwareError: 4,
  illegalCommand: 5,
  commandHardwareError: 6,
  deviceTlbTimeout: 7,
  invalidDeviceRequest: 8,
} as const;

/** Flags of an IO_PAGE_FAULT (48882, table 50), as Linux prints them. */
export const EventFlag = {
  /** I: an interrupt request. */
  interrupt: 0x008,
  /** PR: the translation was present. */
  present: 0x010,
  /** RW: a write. */
  write: 0x020,
  /** PE: no permission. */
  permission: 0x040,
  /** RZ: reserved bits, or an illegal level. */
  reserved: 0x080,
  /** TR: a translation request. */
  translation: 0x100,
} as const;

/** An event as it stands in the log. */
export interface AmdEventEntry {
  readonly code: number;
  readonly requesterId: number;
  readonly domainId: number;
  readonly flags: number;
  readonly address: Address;
}

/** Words of an event. */
export function eventEntry(event: AmdEventEntry): readonly number[] {
  return [
    event.requesterId,
    event.domainId + event.flags * 0x1_0000 + event.code * 0x1000_0000,
    event.address >>> 0,
    Math.floor(event.address / 0x1_0000_0000),
  ];
}

/** The event at `at`; undefined if none has been written there (code 0). */
export function readEventEntry(memory: MemoryReader, at: Address): AmdEventEntry | undefined {
  const word1 = memory.read32(at + 4);
  const code = word1 >>> 28;
  if (code === 0) return undefined;
  return {
    code,
    requesterId: memory.read32(at) & 0xffff,
    domainId: word1 & 0xffff,
    flags: (word1 >>> 16) & 0xfff,
    address: (memory.read32(at + 12) & 0xf_ffff) * 0x1_0000_0000 + memory.read32(at + 8),
  };
}

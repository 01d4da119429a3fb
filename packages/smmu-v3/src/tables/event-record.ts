import { type Address, highWord, lowWord } from '@quiesce/simulation';

/** Bytes of an event record. */
export const EVENT_RECORD_BYTES = 32;
/** Dwords of an event record. */
export const EVENT_RECORD_WORDS = 8;

/** Event CLASS: where a fault arose. */
export const EventClass = { contextDescriptor: 0, tableDescriptor: 1, input: 2 } as const;

/** What an event record says (SMMUv3 7.3). Which fields an event has depends on its number. */
export interface EventRecord {
  /** Event number, e.g. 0x10. */
  readonly number: number;
  readonly streamId: number;
  /** SubstreamID, or -1. */
  readonly substreamId: number;
  /** Input address; 0 where the event has none. */
  readonly address: Address;
  /** A read; RnW. */
  readonly read: boolean;
  readonly privileged: boolean;
  /** Instruction; InD. */
  readonly execute: boolean;
  /** A fault of stage 2. */
  readonly stage2: boolean;
  /** {@link EventClass} */
  readonly class: number;
  /** Address of the structure that could not be fetched; 0 where the event has none. */
  readonly fetchAddress: Address;
}

/** Events that name an input address. */
export function hasInputAddress(number: number): boolean {
  return number === 0x01 || number === 0x05 || number === 0x07 || number === 0x0b || number >= 0x10;
}

/** The eight dwords of a record. */
export function eventRecord(event: EventRecord): Uint32Array {
  const words = new Uint32Array(EVENT_RECORD_WORDS);
  fillEventRecord(words, event);
  return words;
}

/** The same into eight dwords that are there. */
export function fillEventRecord(words: Uint32Array, event: EventRecord): void {
  words.fill(0);
  words[0] = event.substreamId < 0 ? event.number : event.number | 0x800 | (event.substreamId << 12);
  words[1] = event.streamId;
  if (hasInputAddress(event.number)) {
    words[3] =
      (event.privileged ? 2 : 0) |
      (event.execute ? 4 : 0) |
      (event.read ? 8 : 0) |
      (event.stage2 ? 0x80 : 0) |
      (event.class << 8);
    words[4] = lowWord(event.address);
    words[5] = highWord(event.address);
  }
  words[6] = lowWord(event.fetchAddress) & 0xffff_fff8;
  words[7] = highWord(event.fetchAddress);
}

/** What eight dwords of the event queue say. */
export function decodeEventRecord(words: ArrayLike<number>): EventRecord {
  const [w0 = 0, w1 = 0, , w3 = 0, w4 = 0, w5 = 0, w6 = 0, w7 = 0] = Array.from(words);
  const number = w0 & 0xff;
  return {
    number,
    streamId: w1,
    substreamId: (w0 & 0x800) !== 0 ? w0 >>> 12 : -1,
    address: w5 * 0x1_0000_0000 + w4,
    read: (w3 & 8) !== 0,
    privileged: (w3 & 2) !== 0,
    execute: (w3 & 4) !== 0,
    stage2: (w3 & 0x80) !== 0,
    class: (w3 >>> 8) & 3,
    fetchAddress: w7 * 0x1_0000_0000 + ((w6 & 0xffff_fff8) >>> 0),
  };
}

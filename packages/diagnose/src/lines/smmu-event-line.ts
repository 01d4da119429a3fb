import type { LoggedRequester } from '../diagnosis.ts';
import { parseRequester } from './requester.ts';

/** An event record of an SMMUv3, as far as its lines have come. */
export interface SmmuEventLine {
  /** 0x00 .. 0xff, SMMUv3 specification 7.3; undefined where the line names the event only. */
  readonly event?: number;
  readonly name: string;
  readonly requester?: LoggedRequester;
  readonly streamId?: number;
  readonly address?: string;
  readonly operation?: 'read' | 'write';
  /** 64-bit words of the record that are still to come, one a line. */
  readonly wordsToCome: number;
}

/** SMMUv3 specification, 7.3: numbers and names of event records. */
const NAMES: Readonly<Record<number, string>> = {
  1: 'F_UUT',
  2: 'C_BAD_STREAMID',
  3: 'F_STE_FETCH',
  4: 'C_BAD_STE',
  5: 'F_BAD_ATS_TREQ',
  6: 'F_STREAM_DISABLED',
  7: 'F_TRANSL_FORBIDDEN',
  8: 'C_BAD_SUBSTREAMID',
  9: 'F_CD_FETCH',
  10: 'C_BAD_CD',
  11: 'F_WALK_EABT',
  16: 'F_TRANSLATION',
  17: 'F_ADDR_SIZE',
  18: 'F_ACCESS',
  19: 'F_PERMISSION',
  32: 'F_TLB_CONFLICT',
  33: 'F_CFG_CONFLICT',
  36: 'E_PAGE_REQUEST',
  37: 'F_VMS_FETCH',
};

const RECEIVED = /^arm-smmu-v3 \S{1,60}: event 0x([0-9a-f]{1,2}) received:/i;
const NAMED =
  /^arm-smmu-v3 \S{1,60}: event: ([A-Z]_[A-Z_0-9]{2,30}) client: (\([^)]{0,40}\)|\S{1,40}) sid: 0x([0-9a-f]{1,8})/;
const ADDRESS = /\biova: 0x([0-9a-f]{1,16})/i;
const WORD = /^arm-smmu-v3 \S{1,60}:\s+0x([0-9a-f]{8}) ?([0-9a-f]{8})$/i;
const DIRECTION = /^arm-smmu-v3 \S{1,60}: (?:un)?priv (?:data|inst) (read|write)/;

/** Reads the line that an event begins with: by number, or by name (since about Linux 6.14, behind the former). */
export function parseSmmuEvent(message: string): SmmuEventLine | undefined {
  const received = RECEIVED.exec(message);
  if (received !== null) {
    const event = Number.parseInt(received[1] as string, 16);
    return { event, name: NAMES[event] ?? `event 0x${event.toString(16)}`, wordsToCome: 4 };
  }
  const named = NAMED.exec(message);
  if (named === null) return;
  const requester = parseRequester(named[2] as string);
  const address = ADDRESS.exec(message)?.[1];
  return {
    name: named[1] as string,
    streamId: Number.parseInt(named[3] as string, 16),
    wordsToCome: 0,
    ...(typeof requester === 'object' ? { requester } : {}),
    ...(address === undefined ? {} : { address: address.replace(/^0+(?=.)/, '') }),
  };
}

/** Reads the next word of a record: StreamID in the first, direction in the second, address in the third. */
export function withSmmuWord(event: SmmuEventLine, message: string): SmmuEventLine | undefined {
  const word = WORD.exec(message.trimEnd());
  if (word === null || event.wordsToCome === 0) return;
  const [high, low] = [Number.parseInt(word[1] as string, 16), Number.parseInt(word[2] as string, 16)];
  const next = { ...event, wordsToCome: event.wordsToCome - 1 };
  if (event.wordsToCome === 4) {
    // The record's first byte is its number: a word of another record does not fit.
    return (low & 0xff) === event.event ? { ...next, streamId: high } : undefined;
  }
  if (event.wordsToCome === 3) return { ...next, operation: (high & 8) === 0 ? 'write' : 'read' };
  if (event.wordsToCome === 2)
    return { ...next, address: `${word[1]}${word[2]}`.replace(/^0+(?=.)/, '').toLowerCase() };
  return next;
}

/** The event with a line of words that newer kernels print behind its record: its name and client, its direction. */
export function withSmmuWords(event: SmmuEventLine, message: string): SmmuEventLine | undefined {
  const direction = DIRECTION.exec(message)?.[1] as 'read' | 'write' | undefined;
  if (direction !== undefined) return { ...event, operation: direction };
  const named = parseSmmuEvent(message);
  const same = named?.event === undefined && named?.streamId === event.streamId && named?.name === event.name;
  if (named === undefined || !same) return;
  return { ...event, ...(named.requester === undefined ? {} : { requester: named.requester }) };
}

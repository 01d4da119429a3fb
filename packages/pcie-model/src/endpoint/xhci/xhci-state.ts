import type { Address, Nanoseconds } from '@quiesce/simulation';

/** What an xHCI controller remembers beside its registers. */
export interface XhciState extends Record<string, number> {
  /** The next command, and the cycle bit that it has once software has written it. */
  commandAt: Address;
  commandCycle: number;
  /** When the next command is due, or the next report of the interrupt endpoint; Infinity if none is. */
  commandTime: Nanoseconds;
  reportTime: Nanoseconds;
  /** 1 once the slot is enabled. */
  slotEnabled: number;
  /** Next transfer of the interrupt endpoint and its cycle bit; 0 before its context was read. */
  transferAt: Address;
  transferCycle: number;
  /** Where the next event goes; the segment that it stands in, as the table says it. 0 before that was read. */
  eventAt: Address;
  segment: Address;
  segmentEvents: number;
  eventCycle: number;
  /** 1 while everything waits for room in the event ring. */
  waitsForRoom: number;
}

/** As it is after a reset. */
export const initialXhciState: XhciState = {
  commandAt: 0,
  commandCycle: 0,
  commandTime: Number.POSITIVE_INFINITY,
  reportTime: Number.POSITIVE_INFINITY,
  slotEnabled: 0,
  transferAt: 0,
  transferCycle: 0,
  eventAt: 0,
  segment: 0,
  segmentEvents: 0,
  eventCycle: 1,
  waitsForRoom: 0,
};

import type { Address } from '@quiesce/simulation';
import { descriptorAddress } from '../descriptor-address.ts';
import {
  IocInitRequest,
  MPT_FRAME_BYTES,
  MPT_REPLY_POST_UNIT,
  MPT_REQUEST_CREDIT,
  MptStatus,
  MptVersion,
} from './mpt-messages.ts';

/** What the controller knows of queues and requests; `QUEUE_NUMBERS` numbers in a Float64Array. */
export const Mpt = {
  /** MsgVersion of the host; 0 before IOCInit. */
  version: 0,
  frameBytes: 1,
  frames: 2,
  replyPostQueue: 3,
  replyPostDepth: 4,
  /** Where the controller writes next, and what the host has not read yet begins. */
  replyPostIndex: 5,
  replyPostHost: 6,
  replyFreeQueue: 7,
  replyFreeDepth: 8,
  replyFreeIndex: 9,
  replyFreeHost: 10,
  replyAddressHigh: 11,
  /** Requests in a ring, by slot: the oldest, the first whose frame was not read, the first free one. */
  oldest: 12,
  unread: 13,
  free: 14,
} as const;

export type MptNumber = (typeof Mpt)[keyof typeof Mpt];

/** What a slot remembers of a request: its frame as far as it is read, once it is. */
export const Slot = {
  /** Lower dword of its descriptor: flags, MSI-X index, SMID. */
  descriptor: 0,
  function: 1,
  devHandle: 2,
  /** IOCStatus found when the frame was read. */
  status: 3,
  /** 0 without data, 1 if memory is read, 2 if it is written. */
  direction: 4,
  dataLength: 5,
  /** 1 if the list consists of IEEE elements. */
  ieee: 6,
  /** Dwords of the list that stand in the frame. */
  listDwords: 7,
  list: 8,
} as const;

/** Dwords of a list for which a frame has room behind the message. */
export const LIST_DWORDS = 8;

const SLOT_NUMBERS = 8 + LIST_DWORDS;
const HEADER_NUMBERS = 15;

/** Numbers that {@link MptQueues} remember. */
export const QUEUE_NUMBERS: number = HEADER_NUMBERS + MPT_REQUEST_CREDIT * SLOT_NUMBERS;

/** View of queues and requests in the controller's internal memory. */
export class MptQueues {
  readonly #numbers: Float64Array;

  constructor(numbers: Float64Array) {
    this.#numbers = numbers;
  }

  get(which: MptNumber): number {
    return this.#numbers[which] as number;
  }

  set(which: MptNumber, value: number): void {
    this.#numbers[which] = value;
  }

  /** One number of a slot; of its list, `which` goes on. */
  slot(slot: number, which: number): number {
    return this.#numbers[HEADER_NUMBERS + slot * SLOT_NUMBERS + which] as number;
  }

  setSlot(slot: number, which: number, value: number): void {
    this.#numbers[HEADER_NUMBERS + slot * SLOT_NUMBERS + which] = value;
  }

  /** Takes what IOCInit says, and returns the IOCStatus. */
  initialise(dword: (offset: number) => number): number {
    const version = dword(IocInitRequest.version) & 0xffff;
    const frameBytes = (dword(IocInitRequest.frameSize) >>> 16) * 4;
    const depths = dword(IocInitRequest.depths);
    const postDepth = depths & 0xffff;
    const freeDepth = depths >>> 16;
    if (version !== MptVersion.mpi20 && version !== MptVersion.mpi25) return MptStatus.invalidField;
    if (frameBytes !== MPT_FRAME_BYTES || freeDepth < MPT_REPLY_POST_UNIT) return MptStatus.invalidField;
    if (postDepth === 0 || postDepth % MPT_REPLY_POST_UNIT !== 0) return MptStatus.invalidField;
    const address = (offset: number): Address => descriptorAddress(dword(offset), dword(offset + 4));
    this.#numbers.fill(0);
    this.set(Mpt.version, version);
    this.set(Mpt.frameBytes, frameBytes);
    this.set(Mpt.frames, address(IocInitRequest.requestFrames));
    this.set(Mpt.replyPostQueue, address(IocInitRequest.replyPostQueue));
    this.set(Mpt.replyPostDepth, postDepth);
    this.set(Mpt.replyFreeQueue, address(IocInitRequest.replyFreeQueue));
    this.set(Mpt.replyFreeDepth, freeDepth);
    this.set(Mpt.replyAddressHigh, dword(IocInitRequest.systemReplyAddressHigh));
    return MptStatus.success;
  }

  /** Takes a request descriptor; one beyond the credit that IOCFacts gives is lost. */
  post(descriptor: number): void {
    const free = this.get(Mpt.free);
    const after = (free + 1) % MPT_REQUEST_CREDIT;
    if (after === this.get(Mpt.oldest)) return;
    this.setSlot(free, Slot.descriptor, descriptor);
    this.set(Mpt.free, after);
  }

  /** A request waits whose frame was not read. */
  get hasUnread(): boolean {
    return this.get(Mpt.unread) !== this.get(Mpt.free);
  }

  /** A request waits whose frame was read. */
  get hasRead(): boolean {
    return this.get(Mpt.oldest) !== this.get(Mpt.unread);
  }

  readOne(): void {
    this.set(Mpt.unread, (this.get(Mpt.unread) + 1) % MPT_REQUEST_CREDIT);
  }

  finishOldest(): void {
    this.set(Mpt.oldest, (this.get(Mpt.oldest) + 1) % MPT_REQUEST_CREDIT);
  }

  /** There is room for a reply descriptor. */
  get canReply(): boolean {
    return (this.get(Mpt.replyPostIndex) + 1) % this.get(Mpt.replyPostDepth) !== this.get(Mpt.replyPostHost);
  }

  /** The host has lent a reply frame. */
  get hasReplyFrame(): boolean {
    return this.get(Mpt.replyFreeIndex) !== this.get(Mpt.replyFreeHost);
  }

  /** Reply descriptors that the host has not read. */
  get hasReplies(): boolean {
    return this.get(Mpt.replyPostIndex) !== this.get(Mpt.replyPostHost);
  }

  advanceReplyPost(): void {
    this.set(Mpt.replyPostIndex, (this.get(Mpt.replyPostIndex) + 1) % this.get(Mpt.replyPostDepth));
  }

  advanceReplyFree(): void {
    this.set(Mpt.replyFreeIndex, (this.get(Mpt.replyFreeIndex) + 1) % this.get(Mpt.replyFreeDepth));
  }
}

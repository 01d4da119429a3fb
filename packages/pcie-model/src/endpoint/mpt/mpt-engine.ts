import { type Address, microseconds, type Nanoseconds } from '@quiesce/simulation';
import { addressPlus, descriptorAddress } from '../descriptor-address.ts';
import type { EndpointDescription } from '../endpoint-description.ts';
import type { EndpointPort } from '../endpoint-engine.ts';
import { ELEMENT_DWORDS, MptElement } from './mpt-element.ts';
import { MptMessageUnit } from './mpt-message-unit.ts';
import {
  MPT_REPLY_DESCRIPTOR_BYTES,
  MPT_REPLY_FREE_BYTES,
  MptFunction,
  MptReplyType,
  MptRequestType,
  MptStatus,
  MptVersion,
  ScsiIoRequest,
} from './mpt-messages.ts';
import { LIST_DWORDS, Mpt, Slot } from './mpt-queues.ts';

/** To read a frame, and to answer a message that no disk is asked for. */
const FRAME_TIME = microseconds(2);
const MESSAGE_TIME = microseconds(100);

/** Elements of a list that one period allows: a chain may lead to itself. */
const ELEMENTS_PER_PERIOD = 16;

const Stage = { idle: 0, frame: 1, element: 2, data: 3, reply: 4 } as const;

interface RequestState extends Record<string, number> {
  /** When the disk is done with the oldest request; Infinity while it has none. */
  diskAt: Nanoseconds;
  status: number;
  /** Where in its list the request is: dwords in the frame, or bytes left of a chain's segment. */
  listAt: number;
  segment: Address;
  segmentBytes: number;
  listEnded: number;
  elementAddress: Address;
  elementBytes: number;
  /** Bytes of finished elements. */
  done: number;
}

/**
 * A SAS or RAID controller behind Fusion-MPT's message-passing interface (MPI 2.0 and 2.5), and a disk behind it. It
 * reads the frame of each request soon after its descriptor was posted, so that what is left over after a crash are data,
 * chains of lists, and replies. A read that is refused is an error to its firmware, a posted write is not.
 *
 * Discovery takes no time, the disk knows no errors, and there are no events.
 */
export class MptEngine extends MptMessageUnit<RequestState> {
  readonly #element: MptElement = new MptElement();
  readonly #dwords: Float64Array = new Float64Array(ELEMENT_DWORDS);

  constructor(description: EndpointDescription, seed: number) {
    super(description, seed, {
      diskAt: Number.POSITIVE_INFINITY,
      status: 0,
      listAt: 0,
      segment: 0,
      segmentBytes: 0,
      listEnded: 0,
      elementAddress: 0,
      elementBytes: 0,
      done: 0,
    });
  }

  protected override work(port: EndpointPort): void {
    const state = this.state;
    const queues = this.queues;
    if (state.stage === Stage.idle) {
      if (queues.hasUnread) state.stage = Stage.frame;
      else if (queues.hasRead) this.#begin();
      else {
        state.workTime = Number.POSITIVE_INFINITY;
        return;
      }
    }
    if (state.stage === Stage.frame) {
      if (!this.#readFrame(port)) return;
      queues.readOne();
    } else {
      if (state.stage !== Stage.reply && !this.#moveData(port)) return;
      if (!this.#reply(port)) return;
      queues.finishOldest();
      state.diskAt = Number.POSITIVE_INFINITY;
    }
    state.stage = Stage.idle;
    this.#schedule(port.now);
  }

  /** Reads what counts of a request's frame into its slot. */
  #readFrame(port: EndpointPort): boolean {
    const queues = this.queues;
    const slot = queues.get(Mpt.unread);
    const frameBytes = queues.get(Mpt.frameBytes);
    const smid = queues.slot(slot, Slot.descriptor) >>> 16;
    const frame = addressPlus(queues.get(Mpt.frames), smid * frameBytes);
    if (!this.fetch(port, frame)) return false;
    const fn = this.fetched >>> 24;
    const devHandle = this.fetched & 0xffff;
    let status: number = MptStatus.success;
    let direction = 0;
    let dataLength = 0;
    let listDwords = 0;
    let ieee = queues.get(Mpt.version) === MptVersion.mpi25;
    if (this.fetchRefused) status = MptStatus.internalError;
    else if (fn === MptFunction.scsiIo) {
      if (!this.fetch(port, addressPlus(frame, ScsiIoRequest.sglFlags))) return false;
      const form = ieee ? 2 : this.fetched & 0xf;
      ieee = form === 2;
      if (!this.fetch(port, addressPlus(frame, ScsiIoRequest.sglOffset0))) return false;
      const list = (this.fetched & 0xff) * 4;
      if (!this.fetch(port, addressPlus(frame, ScsiIoRequest.dataLength))) return false;
      dataLength = this.fetched;
      if (!this.fetch(port, addressPlus(frame, ScsiIoRequest.control))) return false;
      direction = (this.fetched >>> 24) & 3;
      if (devHandle === 0) status = MptStatus.invalidDevHandle;
      else if (direction === 3) status = MptStatus.invalidField;
      else if (direction !== 0 && form !== 0 && form !== 2) status = MptStatus.invalidSgl;
      if (direction !== 0 && dataLength !== 0) {
        listDwords = Math.max(0, Math.min(LIST_DWORDS, (frameBytes - list) / 4));
      }
      for (let i = 0; i < listDwords; i++) {
        if (!this.fetch(port, addressPlus(frame, list + i * 4))) return false;
        queues.setSlot(slot, Slot.list + i, this.fetched);
      }
    } else if (fn !== MptFunction.portEnable && fn !== MptFunction.eventNotification) {
      status = MptStatus.invalidFunction;
    }
    queues.setSlot(slot, Slot.function, fn);
    queues.setSlot(slot, Slot.devHandle, devHandle);
    queues.setSlot(slot, Slot.status, status);
    queues.setSlot(slot, Slot.direction, direction);
    queues.setSlot(slot, Slot.dataLength, dataLength);
    queues.setSlot(slot, Slot.ieee, ieee ? 1 : 0);
    queues.setSlot(slot, Slot.listDwords, listDwords);
    return true;
  }

  /** Begins with the oldest request whose frame was read. */
  #begin(): void {
    const state = this.state;
    const slot = this.queues.get(Mpt.oldest);
    state.status = this.queues.slot(slot, Slot.status);
    state.listAt = 0;
    state.segmentBytes = 0;
    state.listEnded = 0;
    state.done = 0;
    const moves = state.status === MptStatus.success && this.queues.slot(slot, Slot.direction) !== 0;
    state.stage = moves ? Stage.element : Stage.reply;
  }

  /** Element by element of the list, until all data are moved or the list is over. */
  #moveData(port: EndpointPort): boolean {
    const state = this.state;
    const slot = this.queues.get(Mpt.oldest);
    const bytes = this.queues.slot(slot, Slot.dataLength);
    const toMemory = this.queues.slot(slot, Slot.direction) === 2;
    for (let elements = 0; state.done < bytes && state.status === MptStatus.success; elements++) {
      if (elements === ELEMENTS_PER_PERIOD) {
        state.workTime = port.now + this.period;
        return false;
      }
      if (state.stage === Stage.element && !this.#nextElement(port, slot)) return false;
      if (state.stage !== Stage.data) continue;
      const length = Math.min(state.elementBytes, bytes - state.done);
      if (!this.move(port, toMemory, state.elementAddress, length)) return false;
      state.done += length;
      state.stage = Stage.element;
    }
    state.stage = Stage.reply;
    return true;
  }

  /** Decodes the element that is next, in the frame or in a chain's segment. False if the work cannot go on now. */
  #nextElement(port: EndpointPort, slot: number): boolean {
    const state = this.state;
    const ieee = this.queues.slot(slot, Slot.ieee) === 1;
    const dwords = this.#dwords;
    const inChain = state.segmentBytes > 0;
    const room = inChain ? state.segmentBytes / 4 : this.queues.slot(slot, Slot.listDwords) - state.listAt;
    let count = 1;
    for (let i = 0; i < count; i++) {
      if (state.listEnded === 1 || i >= room) {
        state.status = i === 0 ? MptStatus.dataOverrun : MptStatus.invalidSgl;
        return true;
      }
      if (inChain) {
        if (!this.fetch(port, addressPlus(state.segment, i * 4))) return false;
        if (this.fetchRefused) {
          state.status = MptStatus.internalError;
          return true;
        }
        dwords[i] = this.fetched;
      } else dwords[i] = this.queues.slot(slot, Slot.list + state.listAt + i);
      if (i === 0) count = MptElement.dwords(ieee, dwords[0] as number);
    }
    const element = this.#element;
    element.decode(ieee, dwords);
    if (inChain) {
      state.segment = addressPlus(state.segment, count * 4);
      state.segmentBytes -= count * 4;
      if (state.segmentBytes === 0) state.listEnded = 1;
    } else state.listAt += count;
    if (element.kind === 'invalid') state.status = MptStatus.invalidSgl;
    else if (element.kind === 'chain') {
      state.segment = element.address;
      state.segmentBytes = element.bytes & ~3;
      state.listEnded = state.segmentBytes === 0 ? 1 : 0;
    } else {
      state.elementAddress = element.address;
      state.elementBytes = element.bytes;
      if (element.isLast) state.listEnded = 1;
      state.stage = Stage.data;
    }
    return true;
  }

  /** Posts a reply descriptor, with a reply frame where there is more to say than success. */
  #reply(port: EndpointPort): boolean {
    const state = this.state;
    const queues = this.queues;
    const slot = queues.get(Mpt.oldest);
    const descriptor = queues.slot(slot, Slot.descriptor);
    const fn = queues.slot(slot, Slot.function);
    const isPlain = fn === MptFunction.scsiIo && state.status === MptStatus.success;
    if (!queues.canReply || (!isPlain && !queues.hasReplyFrame)) {
      state.workTime = Number.POSITIVE_INFINITY;
      return false;
    }
    let type: number = MptReplyType.scsiIoSuccess;
    let word = 0;
    if (isPlain) {
      const isFast = (descriptor & 0x1e) === MptRequestType.fastPathScsiIo;
      if (isFast) type = MptReplyType.fastPathScsiIoSuccess;
    } else {
      const entry = queues.get(Mpt.replyFreeIndex) * MPT_REPLY_FREE_BYTES;
      if (!this.fetch(port, addressPlus(queues.get(Mpt.replyFreeQueue), entry))) return false;
      type = MptReplyType.address;
      word = this.fetched;
      // A frame whose address is not known cannot be written.
      if (!this.fetchRefused && !this.#writeReplyFrame(port, word, fn, slot)) return false;
    }
    const index = queues.get(Mpt.replyPostIndex) * MPT_REPLY_DESCRIPTOR_BYTES;
    const at = addressPlus(queues.get(Mpt.replyPostQueue), index);
    if (!this.store(port, at, (type | (descriptor & 0xffff_0000)) >>> 0)) return false;
    if (!this.storeNext(port, addressPlus(at, 4), word)) return false;
    if (!isPlain) queues.advanceReplyFree();
    queues.advanceReplyPost();
    if (this.repliesInterrupt) this.raise(port);
    return true;
  }

  #writeReplyFrame(port: EndpointPort, low: number, fn: number, slot: number): boolean {
    const frame = descriptorAddress(low & ~3, this.queues.get(Mpt.replyAddressHigh));
    const isScsi = fn === MptFunction.scsiIo;
    const dwords = isScsi ? 14 : 5;
    const header = this.queues.slot(slot, Slot.devHandle) | (dwords << 16) | (fn << 24);
    for (let i = 0; i < dwords; i++) {
      let value = 0;
      if (i === 0) value = header >>> 0;
      else if (i === 3) value = (this.state.status << 16) >>> 0;
      else if (i === 5) value = this.state.done;
      if (!this.store(port, addressPlus(frame, i * 4), value)) return false;
    }
    return true;
  }

  #schedule(now: Nanoseconds): void {
    const state = this.state;
    const queues = this.queues;
    if (queues.hasUnread) state.workTime = now + FRAME_TIME;
    else if (!queues.hasRead) state.workTime = Number.POSITIVE_INFINITY;
    else if (queues.slot(queues.get(Mpt.oldest), Slot.function) !== MptFunction.scsiIo) {
      state.workTime = now + MESSAGE_TIME;
    } else {
      if (state.diskAt === Number.POSITIVE_INFINITY) state.diskAt = now + this.period;
      state.workTime = Math.max(now, state.diskAt);
    }
  }

  protected override wake(): void {
    const state = this.state;
    if (state.stage === Stage.idle) this.#schedule(this.now);
    // A reply that waited for room, or for a frame, has it perhaps.
    else if (state.stage === Stage.reply && state.workTime === Number.POSITIVE_INFINITY) {
      state.workTime = this.now;
    }
  }
}

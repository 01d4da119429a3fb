import { type Address, isBacked, type Nanoseconds, RegisterFile } from '@quiesce/simulation';
import { addressPlus, descriptorAddress } from '../descriptor-address.ts';
import type { EndpointDescription } from '../endpoint-description.ts';
import type { EndpointPort } from '../endpoint-engine.ts';
import { MasteringEngine } from '../mastering-engine.ts';
import {
  InterruptCause,
  networkGeneral,
  RECEIVE_QUEUE,
  RECEIVE_QUEUE_ALIAS,
  receiveQueue,
} from './network-ring-registers.ts';

const general = networkGeneral.field;
const CTRL = general['CTRL.RST'].offset;
const ICR = general['ICR.CAUSES'].offset;
const ICS = general['ICS.CAUSES'].offset;
const IMC = general['IMC.CAUSES'].offset;
const RCTL = general['RCTL.EN'].offset;
const RDBAL = receiveQueue.field['RDBAL.BASE'].offset;
const RDBAH = receiveQueue.field['RDBAH.BASE'].offset;
// One field each, so that the whole dword is its value.
const RDLEN = receiveQueue.field['RDLEN.LEN'].offset;
const RDH = receiveQueue.field['RDH.HEAD'].offset;
const RDT = receiveQueue.field['RDT.TAIL'].offset;
const IMS = general['IMS.CAUSES'].offset;

const DESCRIPTOR_BYTES = 16;
/** Bytes of a buffer where RCTL.BSIZE is 0; each step halves it. */
const LARGEST_BUFFER = 2048;
/** Descriptor Done and End Of Packet of a legacy receive descriptor's status byte. */
const DONE = 1;
const END_OF_PACKET = 2;

/**
 * Receive descriptors that the controller holds on chip (82574 datasheet 7.1.9: it prefetches up to 64). Frames go
 * on to these buffers when the ring itself can no longer be read.
 */
const PREFETCH = 64;

/** Where descriptors land for a moment. */
const lowDwords = new Float64Array(PREFETCH);
const highDwords = new Float64Array(PREFETCH);

const Stage = { idle: 0, fetch: 1, data: 2, writeBack: 3 } as const;

interface RingState extends Record<string, number> {
  /** Bytes of the frame that no descriptor has taken yet. */
  rest: number;
  /** Buffer that the present descriptor names. */
  buffer: Address;
  /** Buffers on chip that no frame has taken yet, and where the next one stands among them. */
  held: number;
  nextHeld: number;
}

/**
 * The receive side of an 82574-like network controller with legacy descriptors. Frames come in at a fixed rate
 * while there are descriptors; each takes one or more of them.
 */
export class NetworkRingEngine extends MasteringEngine<RingState> {
  readonly #general: RegisterFile;
  readonly #queue: RegisterFile;
  /** Bytes from the start of the last buffer for which the answer to its last request holds; 0 if it was not steady. */
  #dataRoom = 0;

  constructor(description: EndpointDescription, seed: number) {
    const generalFile = new RegisterFile(networkGeneral.size);
    generalFile.place(networkGeneral);
    const queueFile = new RegisterFile(receiveQueue.size);
    queueFile.place(receiveQueue);
    super(
      description,
      seed,
      [
        { base: RECEIVE_QUEUE_ALIAS, file: queueFile },
        { base: 0, file: generalFile },
        { base: RECEIVE_QUEUE, file: queueFile },
      ],
      { rest: 0, buffer: 0, held: 0, nextHeld: 0 },
      PREFETCH,
    );
    this.#general = generalFile;
    this.#queue = queueFile;
    generalFile.onWrite(CTRL, 32, (_offset, written) => this.#controlWritten(written));
    generalFile.onRead(ICR, 32, () => this.#presentCauses());
    generalFile.onWrite(ICR, 32, () => this.#updateLine());
    generalFile.onWrite(ICS, 32, (_offset, written) => this.#addCauses(written));
    generalFile.onWrite(IMS, 32, () => this.#updateLine());
    generalFile.onWrite(IMC, 32, (_offset, written) => this.#mask(written));
    generalFile.onWrite(RCTL, 32, () => this.#restart());
    queueFile.onWrite(RDT, 32, () => this.#tailWritten());
  }

  override readRegister(bar: number, offset: number, size: number, now: Nanoseconds): number {
    const value = super.readRegister(bar, offset, size, now);
    // Reading ICR acknowledges all causes (82574 datasheet 10.2.4.1).
    if (offset >= ICR && offset < ICR + 4) {
      this.#general.poke32(ICR, 0);
      this.#updateLine();
    }
    return value;
  }

  protected override refreshRegisters(): void {
    const disabled = this.#general.get(general['CTRL.GIO_MASTER_DISABLE']) === 1;
    const enabled = !disabled || this.transactionsPending(this.now);
    this.#general.set(general['STATUS.GIO_MASTER_ENABLE'], enabled ? 1 : 0);
    this.#general.set(general['STATUS.LU'], this.#general.get(general['CTRL.SLU']));
  }

  protected override work(port: EndpointPort, horizon: Nanoseconds): void {
    const state = this.state;
    const now = port.now;
    if (state.stage === Stage.idle) {
      if (this.#ringIsEmpty()) {
        state.workTime = Number.POSITIVE_INFINITY;
        this.#cause(InterruptCause.receiveOverrun, port);
        return;
      }
      state.rest = this.description.workload.bytesPerUnit;
      state.stage = Stage.fetch;
    }
    const refusals = state.refusals;
    while (state.rest > 0) {
      if (!this.#fillDescriptor(port)) return;
      if (state.rest > 0 && this.#ringIsEmpty()) state.rest = 0;
    }
    state.stage = Stage.idle;
    state.workTime = this.nextTick(now + 1);
    this.#cause(InterruptCause.receiveTimer, port);
    if (state.refusals === refusals && port.steady && isBacked(port.owner)) this.#moreFrames(port, horizon);
  }

  /**
   * Frames that go like the last one, in one step: into the same page, one descriptor each, with interrupts masked.
   * What they do to memory, and how often, is what one after the other would do.
   */
  #moreFrames(port: EndpointPort, horizon: Nanoseconds): void {
    const state = this.state;
    const length = this.description.workload.bytesPerUnit;
    const size = LARGEST_BUFFER >>> this.#general.get(general['RCTL.BSIZE']);
    if (length > size || this.#dataRoom === 0 || state.held === 0) return;
    if ((this.#general.peek32(IMS) & InterruptCause.receiveTimer) !== 0) return;
    const head = this.#queue.peek32(RDH);
    const tail = this.#queue.peek32(RDT);
    const stride = (this.internal[state.nextHeld] as Address) - state.buffer;
    if (stride < length || head === 0) return;
    const inTime = Math.ceil((Math.min(horizon, state.lineTime) - state.workTime) / this.period);
    const inRing = (tail > head ? tail : this.#descriptorCount()) - head;
    const inPage = Math.floor((this.#dataRoom - length) / stride);
    // The last request wrote the last dword of a descriptor.
    const writtenBack = Math.floor((port.validFor - 4) / DESCRIPTOR_BYTES);
    let frames = Math.min(inTime, inRing, inPage, writtenBack, state.held);
    for (let i = 1; i < frames; i++) {
      if (this.internal[state.nextHeld + i] !== state.buffer + (i + 1) * stride) frames = i;
    }
    if (frames < 1) return;
    const { burstBytes } = this.description.workload;
    for (let at = 0; at < length; at += burstBytes) {
      const bytes = Math.min(burstBytes, length - at);
      port.writeDataMore(state.buffer + stride + at, bytes, stride, frames);
    }
    const descriptor = this.#descriptor(head);
    port.writeDwordMore(descriptor + 8, DESCRIPTOR_BYTES, frames, length);
    port.writeDwordMore(descriptor + 12, DESCRIPTOR_BYTES, frames, DONE | END_OF_PACKET);
    state.buffer += frames * stride;
    state.nextHeld += frames;
    state.held -= frames;
    state.workTime += frames * this.period;
    this.#queue.poke32(RDH, (head + frames) % this.#descriptorCount());
  }

  /** Takes the descriptor at the head through its stages. False if it has to wait. */
  #fillDescriptor(port: EndpointPort): boolean {
    const state = this.state;
    const head = this.#queue.peek32(RDH);
    const descriptor = this.#descriptor(head);
    if (state.stage === Stage.fetch) {
      if (state.held === 0 && !this.#prefetch(port, head)) return false;
      state.buffer = this.internal[state.nextHeld] as Address;
      state.nextHeld++;
      state.held--;
      state.stage = Stage.data;
    }
    const length = Math.min(state.rest, LARGEST_BUFFER >>> this.#general.get(general['RCTL.BSIZE']));
    if (state.stage === Stage.data) {
      // A descriptor without a buffer is used up unfilled.
      if (state.buffer !== 0 && !this.move(port, true, state.buffer, length)) return false;
      const steady = state.buffer !== 0 && port.steady && isBacked(port.owner);
      this.#dataRoom = steady ? this.lastAddress + port.validFor - state.buffer : 0;
      state.stage = Stage.writeBack;
    }
    const status = length === state.rest ? DONE | END_OF_PACKET : DONE;
    if (!this.store(port, addressPlus(descriptor, 8), length)) return false;
    if (!this.storeNext(port, addressPlus(descriptor, 12), status)) return false;
    state.rest -= length;
    state.stage = Stage.fetch;
    this.#queue.poke32(RDH, (head + 1) % this.#descriptorCount());
    return true;
  }

  /** Reads the descriptors from `head` on, up to the tail or the end of the ring. False if it has to wait. */
  #prefetch(port: EndpointPort, head: number): boolean {
    const count = this.#descriptorCount();
    const tail = this.#queue.peek32(RDT);
    const wanted = Math.min(PREFETCH, (tail > head ? tail : count) - head);
    let held = 0;
    while (held < wanted) {
      const descriptor = this.#descriptor(head + held);
      if (!this.fetch(port, descriptor)) return false;
      const low = this.fetched;
      if (this.fetchRefused && held > 0) break;
      if (!this.fetch(port, addressPlus(descriptor, 4))) return false;
      this.internal[held++] = descriptorAddress(low, this.fetched);
      if (this.fetchRefused) break;
      held += this.#prefetchMore(port, descriptor, held, wanted - held);
    }
    this.state.held = held;
    this.state.nextHeld = 0;
    return true;
  }

  /** The descriptors after `descriptor` that the answer to its read covers; returns how many of `wanted`. */
  #prefetchMore(port: EndpointPort, descriptor: Address, held: number, wanted: number): number {
    if (!port.steady) return 0;
    const count = Math.min(wanted, Math.floor((port.validFor - 4) / DESCRIPTOR_BYTES));
    if (count < 1) return 0;
    port.readMore(descriptor + DESCRIPTOR_BYTES, DESCRIPTOR_BYTES, count, lowDwords);
    port.readMore(descriptor + DESCRIPTOR_BYTES + 4, DESCRIPTOR_BYTES, count, highDwords);
    for (let i = 0; i < count; i++) {
      this.internal[held + i] = descriptorAddress(lowDwords[i] as number, highDwords[i] as number);
    }
    return count;
  }

  #descriptor(index: number): Address {
    const base = descriptorAddress(this.#queue.peek32(RDBAL), this.#queue.peek32(RDBAH));
    return addressPlus(base, index * DESCRIPTOR_BYTES);
  }

  #descriptorCount(): number {
    return this.#queue.peek32(RDLEN) / DESCRIPTOR_BYTES;
  }

  #ringIsEmpty(): boolean {
    const head = this.#queue.peek32(RDH);
    return head >= this.#descriptorCount() || head === this.#queue.peek32(RDT);
  }

  #controlWritten(written: number): void {
    if ((written & (1 << general['CTRL.RST'].low)) !== 0) this.registerReset();
    else this.#restart();
  }

  /** Receives from now on, or not, as RCTL.EN and CTRL.GIO_MASTER_DISABLE say. */
  #restart(): void {
    const receives =
      this.#general.get(general['RCTL.EN']) === 1 &&
      this.#general.get(general['CTRL.GIO_MASTER_DISABLE']) === 0;
    const state = this.state;
    if (!receives) {
      state.workTime = Number.POSITIVE_INFINITY;
      state.stage = Stage.idle;
      state.moved = 0;
      state.held = 0;
    } else this.#tailWritten();
  }

  #tailWritten(): void {
    const state = this.state;
    if (this.#general.get(general['RCTL.EN']) === 0 || state.workTime !== Number.POSITIVE_INFINITY) return;
    if (this.#general.get(general['CTRL.GIO_MASTER_DISABLE']) === 1 || this.#ringIsEmpty()) return;
    state.workTime = this.nextTick(this.now);
  }

  #cause(causes: number, port: EndpointPort): void {
    this.#general.poke32(ICR, this.#general.peek32(ICR) | causes);
    if ((causes & this.#general.peek32(IMS)) !== 0) this.raise(port);
  }

  #addCauses(causes: number): void {
    this.#general.poke32(ICR, this.#general.peek32(ICR) | (causes & 0x01ff_ffff));
    this.#updateLine();
  }

  #mask(causes: number): void {
    this.#general.poke32(IMS, this.#general.peek32(IMS) & ~causes);
    this.#updateLine();
  }

  #presentCauses(): void {
    const asserted = (this.#general.peek32(ICR) & this.#general.peek32(IMS)) !== 0;
    this.#general.set(general['ICR.INT_ASSERTED'], asserted ? 1 : 0);
  }

  #updateLine(): void {
    this.setLine((this.#general.peek32(ICR) & this.#general.peek32(IMS) & 0x01ff_ffff) !== 0);
  }
}

import { type Address, PAGE_SIZE } from '@quiesce/simulation';
import { addressPlus, descriptorAddress } from '../descriptor-address.ts';
import type { EndpointPort } from '../endpoint-engine.ts';
import { FrameWalk } from '../frame-walk.ts';
import { MasteringEngine } from '../mastering-engine.ts';
import {
  ACTIVE,
  BUFFER_PAGES,
  bytesLeft,
  doneToken,
  HALTED,
  INTERRUPT_ON_COMPLETE,
  linkAddress,
  PID_IN,
  packetBytes,
  pidOf,
  QueueHead,
  TERMINATE,
  TransferDescriptor,
} from './ehci-structures.ts';

/** How many transfers of one queue a visit carries out. */
const TRANSFERS_PER_VISIT = 8;
const NONE = -1;

const TOKEN = QueueHead.overlay + TransferDescriptor.token;
const BUFFERS = QueueHead.overlay + TransferDescriptor.buffers;
const BUFFERS_HIGH = QueueHead.overlay + TransferDescriptor.buffersHigh;

export interface QueueState extends Record<string, number> {
  /** 1 if a transfer of this frame asks for an interrupt. */
  completed: number;
  /** Queue head whose transfer is under way, or -1. */
  queue: Address;
  /** Bytes of it in pages that are done. */
  done: number;
}

/** As it is after a reset. */
export const emptyQueueState: QueueState = { completed: 0, queue: NONE, done: 0 };

/** Executes queue heads: fetches transfers into the overlay, moves their data, retires them (EHCI 4.10). */
export abstract class QueueEngine extends MasteringEngine<QueueState> {
  /** What the present frame has read. */
  protected readonly walk: FrameWalk = new FrameWalk();
  /** The link of the queue head last visited to the next one. */
  protected link: number = TERMINATE;
  /** A device was asked in this frame that had nothing to report. */
  protected devicesWait = false;
  readonly #pages = new Float64Array(2 * BUFFER_PAGES);

  /** Whether devices have something to report in the present frame. */
  protected abstract devicesReport(): boolean;
  /** Bits 63:32 of every structure (CTRLDSSEGMENT). */
  protected abstract structuresHigh(): number;

  protected override get losesPostedWrites(): boolean {
    return true;
  }

  /** Where a structure stands that a link or a register names. */
  protected structureAt(low: number): Address {
    return descriptorAddress(low, this.structuresHigh());
  }

  /** Reads a dword of the schedule. */
  protected read(port: EndpointPort, address: Address): boolean {
    if (!this.fetch(port, address)) return false;
    this.walk.note(address, this.fetched, port.steady && !this.fetchRefused);
    return true;
  }

  /**
   * Visits the queue head at `head`; `link` is then where the list goes on. A head is one request on the bus: where its
   * first dword is refused, so is the rest, and the list ends. False if the work cannot go on now.
   */
  protected visit(port: EndpointPort, head: Address, periodic: boolean): boolean {
    this.link = TERMINATE;
    if (!this.read(port, head)) return false;
    if (this.fetchRefused) return true;
    const link = this.fetched;
    if (!this.read(port, addressPlus(head, TOKEN))) return false;
    let token = this.fetched;
    for (let transfers = 0; transfers < TRANSFERS_PER_VISIT; transfers++) {
      if ((token & HALTED) !== 0) break;
      if ((token & ACTIVE) === 0) {
        if (!this.#advance(port, head, token)) return false;
        if ((this.#loaded & ACTIVE) === 0) break;
        token = this.#loaded;
      }
      const isIn = pidOf(token) === PID_IN;
      if (periodic && isIn && !this.devicesReport()) {
        this.devicesWait = true;
        break;
      }
      this.walk.isRepeatable = false;
      let most = Number.POSITIVE_INFINITY;
      if (periodic && isIn) {
        if (!this.fetch(port, addressPlus(head, QueueHead.characteristics))) return false;
        most = packetBytes(this.fetched);
      }
      if (!this.#move(port, head, token, most)) return false;
      if (!this.#retire(port, head, token)) return false;
      token = this.#retired;
      // A device has one report at a time.
      if (periodic && isIn) break;
    }
    this.link = link;
    return true;
  }

  /** Token of the transfer that {@link #advance} put into the overlay; 0 if there is none. */
  #loaded = 0;
  #retired = 0;

  /** Advances the queue: the next transfer becomes the overlay if it is active (EHCI 4.10.2). */
  #advance(port: EndpointPort, head: Address, token: number): boolean {
    this.#loaded = 0;
    let next = TERMINATE;
    // After a short packet the queue goes on with the alternate transfer, if there is one.
    if (bytesLeft(token) > 0) {
      const alternate = QueueHead.overlay + TransferDescriptor.alternate;
      if (!this.#readLink(port, addressPlus(head, alternate))) return false;
      next = this.fetched;
    }
    if ((next & TERMINATE) !== 0) {
      if (!this.#readLink(port, addressPlus(head, QueueHead.overlay))) return false;
      next = this.fetched;
    }
    if ((next & TERMINATE) !== 0) return true;
    const transfer = this.structureAt(linkAddress(next));
    if (!this.read(port, addressPlus(transfer, TransferDescriptor.token))) return false;
    const loaded = this.fetched;
    if (this.fetchRefused || (loaded & ACTIVE) === 0) return true;
    this.walk.isRepeatable = false;
    if (!this.#readLink(port, addressPlus(transfer, TransferDescriptor.next))) return false;
    const following = this.fetched;
    if (!this.#readLink(port, addressPlus(transfer, TransferDescriptor.alternate))) return false;
    const alternate = this.fetched;
    const pages = this.#pages;
    for (let i = 0; i < pages.length; i++) {
      if (!this.fetch(port, addressPlus(transfer, TransferDescriptor.buffers + i * 4))) return false;
      pages[i] = this.fetched;
    }
    const at = addressPlus(head, QueueHead.current);
    if (!this.store(port, at, linkAddress(next))) return false;
    if (!this.store(port, addressPlus(at, 4), following)) return false;
    if (!this.store(port, addressPlus(at, 8), alternate)) return false;
    if (!this.store(port, addressPlus(at, 12), loaded)) return false;
    for (let i = 0; i < pages.length; i++) {
      if (!this.store(port, addressPlus(at, 16 + i * 4), pages[i] as number)) return false;
    }
    this.#loaded = loaded;
    return true;
  }

  #readLink(port: EndpointPort, address: Address): boolean {
    if (!this.read(port, address)) return false;
    if (this.fetchRefused) this.fetched = TERMINATE;
    return true;
  }

  /** Moves the data of the overlay, page by page; as much as its pages hold. */
  #move(port: EndpointPort, head: Address, token: number, most: number): boolean {
    const state = this.state;
    if (state.queue !== head) {
      state.queue = head;
      state.done = 0;
      state.moved = 0;
    }
    const bytes = Math.min(bytesLeft(token), most);
    if (bytes === 0) return true;
    if (!this.fetch(port, addressPlus(head, BUFFERS))) return false;
    const inFirst = this.fetched % PAGE_SIZE;
    const firstPage = (token >>> 12) & 7;
    while (state.done < bytes) {
      const place = inFirst + state.done;
      const page = firstPage + Math.floor(place / PAGE_SIZE);
      if (page >= BUFFER_PAGES) break;
      if (!this.fetch(port, addressPlus(head, BUFFERS + page * 4))) return false;
      const low = this.fetched;
      if (!this.fetch(port, addressPlus(head, BUFFERS_HIGH + page * 4))) return false;
      // A head that can no longer be read names no buffer.
      if (this.fetchRefused) break;
      const inPage = place % PAGE_SIZE;
      const address = descriptorAddress(low - (low % PAGE_SIZE) + inPage, this.fetched);
      const length = Math.min(bytes - state.done, PAGE_SIZE - inPage);
      if (!this.move(port, pidOf(token) === PID_IN, address, length)) return false;
      state.done += length;
    }
    return true;
  }

  /** Writes what has become of the overlay into it and into its transfer descriptor. */
  #retire(port: EndpointPort, head: Address, token: number): boolean {
    const state = this.state;
    const left = bytesLeft(token) - Math.min(bytesLeft(token), state.done);
    const done = doneToken(token, left);
    if (!this.fetch(port, addressPlus(head, QueueHead.current))) return false;
    const transfer = this.structureAt(linkAddress(this.fetched));
    if (!this.fetchRefused && !this.store(port, addressPlus(transfer, TransferDescriptor.token), done)) {
      return false;
    }
    if (!this.store(port, addressPlus(head, TOKEN), done)) return false;
    if ((token & INTERRUPT_ON_COMPLETE) !== 0 || left > 0) state.completed = 1;
    this.#retired = done;
    this.forgetTransfer();
    return true;
  }

  /** No transfer is under way any more. */
  protected forgetTransfer(): void {
    this.state.queue = NONE;
    this.state.done = 0;
    this.state.moved = 0;
  }
}

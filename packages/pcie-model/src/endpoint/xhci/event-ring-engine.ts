import { RegisterFile } from '@quiesce/simulation';
import { addressPlus, descriptorAddress } from '../descriptor-address.ts';
import type { EndpointDescription } from '../endpoint-description.ts';
import type { EndpointPort } from '../endpoint-engine.ts';
import { MasteringEngine, type RegisterBlock } from '../mastering-engine.ts';
import { XHCI_OPERATIONAL, XHCI_RUNTIME, xhciOperational, xhciRuntime } from './xhci-registers.ts';
import { initialXhciState, type XhciState } from './xhci-state.ts';
import { CYCLE, TRB_BYTES } from './xhci-structures.ts';

const operational = xhciOperational.field;
const runtime = xhciRuntime.field;
const IMAN = runtime['IMAN.IP'].offset;
const ERSTBA = runtime['ERSTBA.POINTER'].offset;
const ERDP = runtime['ERDP.EHB'].offset;

/** Interrupter 0: the event ring by its segment table, and the interrupt (xHCI 4.9.4, 4.17). */
export abstract class EventRingEngine extends MasteringEngine<XhciState> {
  protected readonly operational: RegisterFile;
  readonly #runtime: RegisterFile;

  constructor(description: EndpointDescription, seed: number, blocks: readonly RegisterBlock[]) {
    const file = new RegisterFile(xhciOperational.size);
    file.place(xhciOperational);
    const runtimeFile = new RegisterFile(xhciRuntime.size);
    runtimeFile.place(xhciRuntime);
    const rings = [
      { base: XHCI_OPERATIONAL, file },
      { base: XHCI_RUNTIME, file: runtimeFile },
    ];
    super(description, seed, [...rings, ...blocks], initialXhciState);
    this.operational = file;
    this.#runtime = runtimeFile;
    runtimeFile.onWrite(IMAN, 32, () => this.updateLine());
    runtimeFile.onWrite(ERSTBA, 64, () => this.#ringWritten());
    runtimeFile.onWrite(ERDP, 64, () => this.#makeRoom());
  }

  /** There is room for events again. */
  protected abstract roomMade(): void;

  protected override get losesPostedWrites(): boolean {
    return true;
  }

  /**
   * Whether an event can be written: reads the segment table if need be, and waits for software to take events if the
   * ring is full. False if the work cannot go on now.
   */
  protected prepareEvent(port: EndpointPort): boolean {
    const state = this.state;
    if (state.segmentEvents === 0 && !this.#readSegment(port)) return false;
    if (state.segmentEvents > 0) {
      const next = this.#following();
      const dequeue = descriptorAddress(
        this.#runtime.peek32(ERDP) & ~0xf,
        this.#runtime.peek32(runtime['ERDPU.HIGH'].offset),
      );
      if (next !== dequeue) return true;
    }
    state.waitsForRoom = 1;
    state.workTime = Number.POSITIVE_INFINITY;
    return false;
  }

  /** Writes an event, as one request of four dwords, and interrupts. Only after {@link prepareEvent}. */
  protected postEvent(
    port: EndpointPort,
    low: number,
    high: number,
    status: number,
    control: number,
  ): boolean {
    const state = this.state;
    const at = state.eventAt;
    const { refusals } = state;
    if (!this.store(port, at, low)) return false;
    // Refused as a whole if its first dword is.
    if (state.refusals === refusals) {
      if (!this.store(port, addressPlus(at, 4), high)) return false;
      if (!this.store(port, addressPlus(at, 8), status)) return false;
      if (!this.store(port, addressPlus(at, 12), (control | state.eventCycle) >>> 0)) return false;
    }
    state.eventAt = this.#following();
    if (state.eventAt === state.segment) state.eventCycle ^= CYCLE;
    this.#interrupt(port);
    return true;
  }

  protected updateLine(): void {
    this.setLine(this.description.traits.interrupt === 'intx' && this.#pends());
  }

  #following(): number {
    const { eventAt, segment, segmentEvents } = this.state;
    const next = addressPlus(eventAt, TRB_BYTES);
    return next === addressPlus(segment, segmentEvents * TRB_BYTES) ? segment : next;
  }

  /** The first entry of the segment table; HCSPARAMS2 promises no more than one. */
  #readSegment(port: EndpointPort): boolean {
    const state = this.state;
    if (this.#runtime.get(runtime['ERSTSZ.SIZE']) === 0) return true;
    const entry = descriptorAddress(
      this.#runtime.peek32(ERSTBA),
      this.#runtime.peek32(runtime['ERSTBAU.HIGH'].offset),
    );
    if (!this.fetch(port, entry)) return false;
    if (this.fetchRefused) return true;
    const low = this.fetched & ~0x3f;
    if (!this.fetch(port, addressPlus(entry, 4))) return false;
    const high = this.fetched;
    if (!this.fetch(port, addressPlus(entry, 8))) return false;
    state.segment = descriptorAddress(low, high);
    state.segmentEvents = this.fetched & 0xffff;
    state.eventAt = state.segment;
    return true;
  }

  /** A message for each time that the handler is not busy; a pin for as long as the interrupt pends. */
  #interrupt(port: EndpointPort): void {
    const file = this.#runtime;
    this.operational.set(operational['USBSTS.EINT'], 1);
    file.set(runtime['IMAN.IP'], 1);
    if (!this.#pends() || file.get(runtime['ERDP.EHB']) === 1) return;
    file.set(runtime['ERDP.EHB'], 1);
    this.raise(port);
    if (this.description.traits.interrupt === 'intx') return;
    // A message clears Interrupt Pending by itself (xHCI 4.17.5).
    file.set(runtime['IMAN.IP'], 0);
    this.state.line = 0;
  }

  #pends(): boolean {
    const file = this.#runtime;
    const enabled = file.get(runtime['IMAN.IE']) & this.operational.get(operational['USBCMD.INTE']);
    return (enabled & file.get(runtime['IMAN.IP'])) === 1;
  }

  /** Software gives another table: the ring begins anew (xHCI 4.9.4). */
  #ringWritten(): void {
    const state = this.state;
    state.segmentEvents = 0;
    state.segment = 0;
    state.eventAt = 0;
    state.eventCycle = 1;
    this.#makeRoom();
  }

  #makeRoom(): void {
    if (this.state.waitsForRoom === 0) return;
    this.state.waitsForRoom = 0;
    this.roomMade();
  }
}

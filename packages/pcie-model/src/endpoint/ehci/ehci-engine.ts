import { type Address, type Nanoseconds, RegisterFile } from '@quiesce/simulation';
import { addressPlus } from '../descriptor-address.ts';
import type { EndpointDescription } from '../endpoint-description.ts';
import type { EndpointPort } from '../endpoint-engine.ts';
import { EHCI_OPERATIONAL, ehciCapability, ehciOperational } from './ehci-registers.ts';
import { leadsToQueueHead, linkAddress, QueueHead, RECLAMATION_HEAD } from './ehci-structures.ts';
import { emptyQueueState, QueueEngine } from './queue-engine.ts';

const field = ehciOperational.field;
const USBCMD = field['USBCMD.RS'].offset;
const USBSTS = field['USBSTS.HSE'].offset;
const USBINTR = field['USBINTR.USBIE'].offset;
const FRINDEX = field['FRINDEX.FRINDEX'].offset;
const CTRLDSSEGMENT = field['CTRLDSSEGMENT.HIGH'].offset;
const PERIODICLISTBASE = field['PERIODICLISTBASE.BASE'].offset;
const ASYNCLISTADDR = field['ASYNCLISTADDR.LPL'].offset;

/** How far the controller follows each of its two lists in one frame; garbage may lead in a circle. */
const LINKS_PER_FRAME = 32;
/** Of a frame list. */
const FRAMES = 1024;
const MICRO_FRAMES = 8;
const FRAME_INDEX_END = 0x4000;
/** Interrupt endpoints have something to report once in so many frames. */
const FRAMES_PER_REPORT = 128;

const Stage = { idle: 0, frame: 1 } as const;

/**
 * An enhanced host controller with a device at its one port. Each frame of 1 ms it follows one entry of the periodic list,
 * and the asynchronous list once, where they are enabled; hardware looks into the same entry in each of the eight
 * micro-frames, which finds nothing else. Control and bulk transfers are answered at once, interrupt endpoints have a
 * report in one frame of 128. Only queue heads are executed; links to isochronous transfers end the list.
 */
export class EhciEngine extends QueueEngine {
  readonly #capability: RegisterFile;
  readonly #file: RegisterFile;
  readonly #reportFrame: number;

  constructor(description: EndpointDescription, seed: number) {
    const capability = new RegisterFile(ehciCapability.size);
    capability.place(ehciCapability);
    const file = new RegisterFile(ehciOperational.size);
    file.place(ehciOperational);
    const blocks = [
      { base: 0, file: capability },
      { base: EHCI_OPERATIONAL, file },
    ];
    super(description, seed, blocks, emptyQueueState);
    this.#capability = capability;
    this.#file = file;
    this.#reportFrame = Math.floor((this.phase / this.period) * FRAMES_PER_REPORT);
    file.onWrite(USBCMD, 32, (_offset, written, previous) => this.#commandWritten(written, previous));
    file.onWrite(USBSTS, 32, () => this.#updateLine());
    file.onWrite(USBINTR, 32, () => this.#updateLine());
  }

  protected override refreshRegisters(): void {
    this.#capability.set(ehciCapability.field['HCCPARAMS.EECP'], this.description.traits.legacySupport ?? 0);
  }

  /** A host controller that meets a system error halts itself (EHCI 4.15.2.4); a reset starts it again. */
  protected override onHalt(port: EndpointPort): void {
    const file = this.#file;
    file.set(field['USBCMD.RS'], 0);
    file.set(field['USBSTS.HCH'], 1);
    file.set(field['USBSTS.PSS'], 0);
    file.set(field['USBSTS.ASS'], 0);
    file.set(field['USBSTS.HSE'], 1);
    this.#interrupt(port);
  }

  protected override devicesReport(): boolean {
    return this.#frame() % FRAMES_PER_REPORT === this.#reportFrame;
  }

  protected override structuresHigh(): number {
    return this.#file.peek32(CTRLDSSEGMENT);
  }

  protected override work(port: EndpointPort, horizon: Nanoseconds): void {
    const state = this.state;
    const file = this.#file;
    if (state.stage === Stage.idle) {
      state.stage = Stage.frame;
      state.completed = 0;
    }
    if (!this.#walkFrame(port)) return;
    state.stage = Stage.idle;
    this.forgetTransfer();
    this.#countFrames(1);
    state.workTime = this.nextTick(port.now + 1);
    const rung = file.get(field['USBCMD.IAAD']) & file.get(field['USBCMD.ASE']);
    if (state.completed === 0 && rung === 0) {
      if (this.walk.isRepeatable) this.#repeatWalk(port, Math.min(horizon, state.lineTime));
      return;
    }
    if (rung === 1) {
      file.set(field['USBCMD.IAAD'], 0);
      file.set(field['USBSTS.IAA'], 1);
    }
    if (state.completed === 1) file.set(field['USBSTS.USBINT'], 1);
    this.#interrupt(port);
  }

  /** One entry of the periodic list and what hangs on it, then the asynchronous list. */
  #walkFrame(port: EndpointPort): boolean {
    const file = this.#file;
    const walk = this.walk;
    this.devicesWait = false;
    walk.isRepeatable = false;
    if (file.get(field['USBCMD.PSE']) === 1) {
      if (!this.fetch(port, this.#entryAddress(this.#frame() % FRAMES))) return false;
      walk.begin(this.fetched, port.validFor, port.steady && !this.fetchRefused);
      if (!this.#walkPeriodic(port, this.fetchRefused ? 1 : this.fetched)) return false;
    } else walk.begin(0, 0, true);
    return file.get(field['USBCMD.ASE']) === 0 || this.#walkAsynchronous(port);
  }

  #walkPeriodic(port: EndpointPort, entry: number): boolean {
    let link = entry;
    for (let links = 0; leadsToQueueHead(link) && links < LINKS_PER_FRAME; links++) {
      if (!this.visit(port, this.structureAt(linkAddress(link)), true)) return false;
      link = this.link;
    }
    return true;
  }

  /** Once around the ring of queue heads: up to the head of reclamation, or to where it began (EHCI 4.8.3). */
  #walkAsynchronous(port: EndpointPort): boolean {
    const first = linkAddress(this.#file.peek32(ASYNCLISTADDR));
    let at = first;
    let heads = 0;
    for (let links = 0; links < LINKS_PER_FRAME; links++) {
      const head = this.structureAt(at);
      if (!this.visit(port, head, false)) return false;
      if (!leadsToQueueHead(this.link)) return true;
      if (!this.read(port, addressPlus(head, QueueHead.characteristics))) return false;
      if ((this.fetched & RECLAMATION_HEAD) !== 0 && ++heads === 2) return true;
      at = linkAddress(this.link);
      if (at === first) return true;
    }
    return true;
  }

  /**
   * Makes the frames that are due before `before` and go like the one just done: the same entry in the frame list,
   * nothing behind it but reads that change nothing, and no report of a device that was asked.
   */
  #repeatWalk(port: EndpointPort, before: Nanoseconds): void {
    const state = this.state;
    const walk = this.walk;
    const frame = this.#frame();
    const inTime = Math.ceil((before - state.workTime) / this.period);
    const toReport =
      (this.#reportFrame - (frame % FRAMES_PER_REPORT) + FRAMES_PER_REPORT) % FRAMES_PER_REPORT;
    let frames = Math.min(inTime, this.devicesWait ? toReport : FRAMES);
    if (this.#file.get(field['USBCMD.PSE']) === 1) {
      // The list begins anew with frame 0; the answer to the entry's read covers the rest of it.
      const inList = frame % FRAMES === 0 ? 0 : Math.floor(walk.entryValidFor / 4) - 1;
      frames = Math.min(frames, FRAMES - (frame % FRAMES), inList);
      if (!(frames > 0)) return;
      frames = port.readAlike(this.#entryAddress(frame % FRAMES), 4, frames, walk.entry);
    }
    if (!(frames > 0)) return;
    for (let i = 0; i < walk.length; i++) port.readAlike(walk.addressAt(i), 0, frames, walk.valueAt(i));
    this.#countFrames(frames);
    state.lastReadAt = state.workTime + (frames - 1) * this.period;
    state.workTime += frames * this.period;
  }

  /** Number of the present frame, 0 to 2,047: the list is gone through twice in it. */
  #frame(): number {
    return this.#file.peek32(FRINDEX) >>> 3;
  }

  #countFrames(frames: number): void {
    this.#file.poke32(FRINDEX, (this.#file.peek32(FRINDEX) + frames * MICRO_FRAMES) % FRAME_INDEX_END);
  }

  #entryAddress(frame: number): Address {
    return addressPlus(this.structureAt(this.#file.peek32(PERIODICLISTBASE)), frame * 4);
  }

  #commandWritten(written: number, previous: number): void {
    const file = this.#file;
    const state = this.state;
    if ((written & 2) !== 0) {
      this.registerReset();
      return;
    }
    if (state.halted !== 0) file.set(field['USBCMD.RS'], 0);
    const runs = file.get(field['USBCMD.RS']);
    file.set(field['USBSTS.HCH'], 1 - runs);
    file.set(field['USBSTS.PSS'], runs & file.get(field['USBCMD.PSE']));
    file.set(field['USBSTS.ASS'], runs & file.get(field['USBCMD.ASE']));
    const scheduled = file.get(field['USBSTS.PSS']) | file.get(field['USBSTS.ASS']);
    if (scheduled === 0) {
      state.stage = Stage.idle;
      this.forgetTransfer();
      state.workTime = Number.POSITIVE_INFINITY;
    } else if ((previous & 1) === 0 || state.workTime === Number.POSITIVE_INFINITY) {
      state.workTime = this.nextTick(this.now + 1);
    }
  }

  #causes(): number {
    return this.#file.peek32(USBSTS) & this.#file.peek32(USBINTR) & 0x3f;
  }

  /** From within a piece of work: one message, or the line, until software clears the cause. */
  #interrupt(port: EndpointPort): void {
    if (this.#causes() !== 0 && this.state.line === 0) this.raise(port);
  }

  #updateLine(): void {
    this.setLine(this.#causes() !== 0);
  }
}

import { type Address, millisecond, type Nanoseconds, RegisterFile } from '@quiesce/simulation';
import { addressPlus } from '../descriptor-address.ts';
import type { EndpointDescription } from '../endpoint-description.ts';
import type { EndpointPort } from '../endpoint-engine.ts';
import { FrameWalk } from '../frame-walk.ts';
import { MasteringEngine } from '../mastering-engine.ts';
import { uhciRegisters } from './uhci-registers.ts';

const field = uhciRegisters.field;
const USBCMD = field['USBCMD.RS'].offset;
const USBINTR = field['USBINTR.IOC'].offset;
const FRNUM = field['FRNUM.FRAME'].offset;
const FRBASEADD = field['FRBASEADD.BASE'].offset;

/** Bits of frame list entries, link pointers and transfer descriptors (UHCI 3). */
const TERMINATE = 1;
const QUEUE_HEAD = 2;
const ACTIVE = 1 << 23;
const INTERRUPT_ON_COMPLETE = 1 << 24;
const PID_IN = 0x69;

/** How far the controller follows links in one frame; 1 ms of USB does not hold more. */
const LINKS_PER_FRAME = 32;
/** Of a frame list. */
const FRAMES = 1024;

const Stage = { idle: 0, frame: 1 } as const;

/** A universal host controller: each frame it reads one frame list entry and follows it. */
export class UhciEngine extends MasteringEngine<{ completed: number }> {
  readonly #file: RegisterFile;

  constructor(description: EndpointDescription, seed: number) {
    const file = new RegisterFile(uhciRegisters.size);
    file.place(uhciRegisters);
    super(description, seed, [{ base: 0, file }], { completed: 0 });
    this.#file = file;
    file.onWrite(USBCMD, 32, (_offset, written, previous) => this.#commandWritten(written, previous));
    file.onWrite(USBINTR, 32, () => this.#updateLine());
  }

  protected override onHalt(port: EndpointPort): void {
    // A host controller that meets a system error stops itself; Run/Stop starts it again (UHCI 2.1.2).
    this.#file.set(field['USBCMD.RS'], 0);
    this.#file.set(field['USBSTS.HCH'], 1);
    this.#file.set(field['USBSTS.HSE'], 1);
    this.raise(port);
  }

  protected override work(port: EndpointPort, horizon: Nanoseconds): void {
    const state = this.state;
    if (state.stage === Stage.idle) {
      state.stage = Stage.frame;
      state.completed = 0;
    }
    if (!this.#walkFrame(port)) return;
    state.stage = Stage.idle;
    this.#countFrames(1);
    state.workTime = this.nextTick(port.now + 1);
    if (state.completed === 0) {
      if (this.#walk.isRepeatable) this.#repeatWalk(port, Math.min(horizon, state.lineTime));
      return;
    }
    this.#file.set(field['USBSTS.USBINT'], 1);
    if (this.#file.get(field['USBINTR.IOC']) === 1) this.raise(port);
  }

  /**
   * Makes the frames that are due before `before` and go like the one just done: the same entry in the frame list, and
   * nothing behind it but reads that change nothing.
   */
  #repeatWalk(port: EndpointPort, before: Nanoseconds): void {
    const state = this.state;
    const walk = this.#walk;
    const inTime = Math.ceil((before - state.workTime) / this.period);
    const frame = this.#file.peek16(FRNUM) % FRAMES;
    // The list begins anew with frame 0; the answer to the entry's read covers the rest of it.
    const inList = frame === 0 ? 0 : Math.min(FRAMES - frame, Math.floor(walk.entryValidFor / 4) - 1);
    const most = Math.min(inTime, inList);
    if (!(most > 0)) return;
    const frames = port.readAlike(this.#entryAddress(frame), 4, most, walk.entry);
    if (frames === 0) return;
    for (let i = 0; i < walk.length; i++) port.readAlike(walk.addressAt(i), 0, frames, walk.valueAt(i));
    this.#countFrames(frames);
    state.lastReadAt = state.workTime + (frames - 1) * this.period;
    state.workTime += frames * this.period;
  }

  #countFrames(frames: number): void {
    this.#file.poke16(FRNUM, (this.#file.peek16(FRNUM) + frames) % (2 * FRAMES));
  }

  #entryAddress(frame: number): Address {
    return addressPlus(this.#file.peek32(FRBASEADD), frame * 4);
  }

  #walkFrame(port: EndpointPort): boolean {
    const walk = this.#walk;
    walk.isRepeatable = false;
    if (!this.#fetchLink(port, this.#entryAddress(this.#file.peek16(FRNUM) % FRAMES))) return false;
    walk.begin(this.fetched, port.validFor, port.steady && !this.fetchRefused);
    let link = this.fetched;
    for (let links = 0; (link & TERMINATE) === 0 && links < LINKS_PER_FRAME; links++) {
      const address = (link & ~0xf) >>> 0;
      if ((link & QUEUE_HEAD) !== 0) {
        if (!this.#fetchLink(port, addressPlus(address, 4))) return false;
        const element = this.fetched;
        if ((element & (TERMINATE | QUEUE_HEAD)) === 0) {
          const descriptor = (element & ~0xf) >>> 0;
          if (!this.#transfer(port, descriptor)) return false;
          // The queue goes on with the next descriptor when this one is done (UHCI 3.3).
          if (this.#transferred && !this.#popElement(port, address, descriptor)) return false;
        }
      } else if (!this.#transfer(port, address)) return false;
      if (!this.#fetchLink(port, address)) return false;
      link = this.fetched;
    }
    return true;
  }

  #transferred = false;
  readonly #walk: FrameWalk = new FrameWalk();

  /** Reads a dword of the schedule. */
  #read(port: EndpointPort, address: Address): boolean {
    if (!this.fetch(port, address)) return false;
    this.#walk.note(address, this.fetched, port.steady && !this.fetchRefused);
    return true;
  }

  /** Reads a link; one that could not be read ends the list. */
  #fetchLink(port: EndpointPort, address: Address): boolean {
    if (!this.#read(port, address)) return false;
    if (this.fetchRefused) this.fetched = TERMINATE;
    return true;
  }

  /** Carries out one transfer descriptor if it is active. */
  #transfer(port: EndpointPort, descriptor: Address): boolean {
    this.#transferred = false;
    if (!this.#read(port, addressPlus(descriptor, 4))) return false;
    const control = this.fetched;
    if ((control & ACTIVE) === 0) return true;
    this.#walk.isRepeatable = false;
    if (!this.fetch(port, addressPlus(descriptor, 8))) return false;
    const token = this.fetched;
    if (!this.fetch(port, addressPlus(descriptor, 12))) return false;
    const buffer = this.fetched;
    const length = ((token >>> 21) + 1) & 0x7ff;
    if (!this.move(port, (token & 0xff) === PID_IN, buffer, Math.min(length, 1023))) return false;
    const actual = (length + 0x7ff) & 0x7ff;
    const done = ((control & ~ACTIVE & ~0x7ff) | actual) >>> 0;
    if (!this.store(port, addressPlus(descriptor, 4), done)) return false;
    this.#transferred = true;
    if ((control & INTERRUPT_ON_COMPLETE) !== 0) this.state.completed = 1;
    return true;
  }

  #popElement(port: EndpointPort, queueHead: Address, descriptor: Address): boolean {
    if (!this.#fetchLink(port, descriptor)) return false;
    return this.store(port, addressPlus(queueHead, 4), this.fetched);
  }

  #commandWritten(written: number, previous: number): void {
    const file = this.#file;
    const state = this.state;
    if ((written & 2) !== 0) {
      this.registerReset();
      return;
    }
    if (file.get(field['USBCMD.GRESET']) === 1) {
      const command = file.peek16(USBCMD);
      this.registerReset();
      file.poke16(USBCMD, command & ~1);
      return;
    }
    const runs = file.get(field['USBCMD.RS']) === 1;
    if (runs && (previous & 1) === 0) {
      file.set(field['USBSTS.HCH'], 0);
      state.halted = 0;
      state.workTime = this.nextTick(this.now + millisecond);
    } else if (!runs) {
      file.set(field['USBSTS.HCH'], 1);
      state.stage = Stage.idle;
      state.moved = 0;
      state.workTime = Number.POSITIVE_INFINITY;
    }
    this.#updateLine();
  }

  #updateLine(): void {
    const file = this.#file;
    const completed = file.get(field['USBSTS.USBINT']) & file.get(field['USBINTR.IOC']);
    this.setLine((completed | file.get(field['USBSTS.HSE'])) !== 0);
  }
}

import {
  type Address,
  microseconds,
  type Nanoseconds,
  PAGE_SIZE,
  RegisterFile,
  second,
} from '@quiesce/simulation';
import { addressPlus, descriptorAddress } from '../descriptor-address.ts';
import type { EndpointDescription } from '../endpoint-description.ts';
import type { EndpointPort } from '../endpoint-engine.ts';
import { MasteringEngine } from '../mastering-engine.ts';
import { STREAM_DESCRIPTOR, streamController } from './cyclic-stream-registers.ts';

const field = streamController.field;
const GCTL = field['GCTL.CRST'].offset;
const INTCTL = field['INTCTL.GIE'].offset;
const SDBDPL = field['SDBDPL.BASE'].offset;
const SDBDPU = field['SDBDPU.BASE'].offset;

/** A buffer descriptor list has up to 256 entries of four dwords: address, length, flags (HDA 3.6.3). */
const ENTRY_WORDS = 4;
const LIST_WORDS = 256 * ENTRY_WORDS;
const INTERRUPT_ON_COMPLETION = 1;
/** Codecs report within 25 frames after CRST (HDA 4.3). */
const CODEC_WAKE = microseconds(521);

const Stage = { stopped: 0, load: 1, run: 2 } as const;

interface StreamState extends Record<string, number> {
  /** Words of the buffer descriptor list that are loaded. */
  loaded: number;
  entry: number;
  /** Bytes of the present entry that are moved. */
  offset: number;
  position: number;
  /** When the controller left its reset. */
  runningSince: Nanoseconds;
  /** 1 once the codec has reported itself; the driver may have cleared the bit since. */
  codecReported: number;
}

/**
 * One stream of an HD audio controller: it loads the buffer descriptor list when it starts and each time it wraps,
 * and moves bytes at a constant rate for ever.
 */
export class CyclicStreamEngine extends MasteringEngine<StreamState> {
  readonly #file: RegisterFile;
  readonly #captures: boolean;
  readonly #burst: number;
  readonly #burstTime: Nanoseconds;

  constructor(description: EndpointDescription, seed: number) {
    const file = new RegisterFile(streamController.size);
    file.place(streamController);
    const own = { loaded: 0, entry: 0, offset: 0, position: 0, runningSince: 0, codecReported: 0 };
    super(description, seed, [{ base: 0, file }], own, LIST_WORDS);
    const { ratePerSecond, bytesPerUnit, burstBytes, direction } = description.workload;
    this.#file = file;
    this.#captures = direction === 'to-memory';
    this.#burst = burstBytes;
    this.#burstTime = Math.max(
      1,
      Math.round((second * burstBytes) / Math.max(1, ratePerSecond * bytesPerUnit)),
    );
    const streams = this.#captures ? 0x01 : 0x10;
    file.setResetValue(1, streams);
    file.poke8(1, streams);
    file.onWrite(GCTL, 32, (_offset, _written, previous) => this.#controlWritten(previous));
    file.onWrite(INTCTL, 32, () => this.#updateLine());
    file.onWrite(STREAM_DESCRIPTOR, 32, (_offset, _written, previous) => this.#streamWritten(previous));
  }

  override writeRegister(bar: number, offset: number, size: number, value: number, now: Nanoseconds): void {
    // In reset the controller takes writes to GCTL only (HDA 3.3.7).
    const inReset = this.#file.get(field['GCTL.CRST']) === 0;
    if (inReset && (offset >= GCTL + 4 || offset + size <= GCTL)) return;
    super.writeRegister(bar, offset, size, value, now);
  }

  protected override refreshRegisters(): void {
    const file = this.#file;
    const state = this.state;
    const running = file.get(field['GCTL.CRST']) === 1;
    if (running && state.codecReported === 0 && this.now >= state.runningSince + CODEC_WAKE) {
      file.set(field['STATESTS.SDIWAKE'], 1);
      state.codecReported = 1;
    }
    const ticks = running ? Math.floor(((this.now - state.runningSince) * 24) / 1000) : 0;
    file.set(field['WALCLK.COUNTER'], ticks % 0x1_0000_0000);
    file.set(field['SDLPIB.POSITION'], state.position);
    const stream = this.#streamInterrupt() ? 1 : 0;
    file.set(field['INTSTS.SIS'], stream);
    file.set(field['INTSTS.GIS'], stream & file.get(field['INTCTL.SIE']));
  }

  protected override work(port: EndpointPort, horizon: Nanoseconds): void {
    const state = this.state;
    if (state.stage === Stage.load && !this.#loadList(port)) return;
    if (!this.#skipEmptyEntries()) {
      state.workTime = Number.POSITIVE_INFINITY;
      return;
    }
    const now = port.now;
    const length = this.#entryLength();
    const address = addressPlus(this.#entryAddress(), state.offset);
    const inPage = PAGE_SIZE - (address & (PAGE_SIZE - 1));
    const size = Math.min(this.#burst, length - state.offset, inPage);
    let most = 1;
    if (size === this.#burst) {
      // The burst that ends an entry stays a step of its own: it may interrupt.
      const inEntry = Math.ceil((length - state.offset) / size) - 1;
      const before = Math.min(horizon, state.lineTime);
      const inTime = Math.ceil((before - now) / this.#burstTime);
      most = Math.max(1, Math.min(inEntry, Math.floor(inPage / size), inTime));
    }
    if (!this.requestMany(port, this.#captures, address, size, most)) return;
    let requests = port.made;
    if (requests < most && port.steady) {
      // A device that ignores refusals goes on with the same answer, too.
      const more = Math.min(most - requests, Math.floor(port.validFor / size) - 1);
      if (more > 0) {
        if (!this.request(port, this.#captures, address + requests * size, size, more)) return;
        requests += more;
      }
    }
    if (requests > 1 && !this.#captures) state.lastReadAt = now + (requests - 1) * this.#burstTime;
    state.workTime = now + (size === this.#burst ? requests * this.#burstTime : this.#timeFor(size));
    this.#advance(requests * size, length, port);
  }

  #timeFor(bytes: number): Nanoseconds {
    return Math.max(1, Math.round((this.#burstTime * bytes) / this.#burst));
  }

  #advance(bytes: number, length: number, port: EndpointPort): void {
    const state = this.state;
    state.offset += bytes;
    const cyclic = this.#file.get(field['SDCBL.LENGTH']);
    state.position = cyclic === 0 ? 0 : (state.position + bytes) % cyclic;
    if (state.offset < length) return;
    const flags = this.internal[state.entry * ENTRY_WORDS + 3] as number;
    state.offset = 0;
    this.#nextEntry();
    if ((flags & INTERRUPT_ON_COMPLETION) === 0) return;
    this.#file.set(field['SDCTL.BCIS'], 1);
    if (this.#interrupts()) this.raise(port);
  }

  #nextEntry(): void {
    const state = this.state;
    if (state.entry < this.#file.get(field['SDLVI.LAST'])) {
      state.entry++;
      return;
    }
    state.entry = 0;
    state.loaded = 0;
    state.stage = Stage.load;
  }

  /** Loads the list from memory. A refused dword leaves what the device already holds. False if it has to wait. */
  #loadList(port: EndpointPort): boolean {
    const state = this.state;
    const base = descriptorAddress(this.#file.peek32(SDBDPL), this.#file.peek32(SDBDPU));
    const words = (this.#file.get(field['SDLVI.LAST']) + 1) * ENTRY_WORDS;
    while (state.loaded < words) {
      if (!this.fetch(port, addressPlus(base, state.loaded * 4))) return false;
      if (this.fetchRefused) this.#file.set(field['SDCTL.DESE'], 1);
      else this.internal[state.loaded] = this.fetched;
      state.loaded++;
    }
    state.stage = Stage.run;
    return true;
  }

  /** Steps over entries without length. False if the whole list has none. */
  #skipEmptyEntries(): boolean {
    const state = this.state;
    const last = this.#file.get(field['SDLVI.LAST']);
    for (let skipped = 0; skipped <= last; skipped++) {
      if (this.#entryLength() > state.offset) return true;
      state.entry = state.entry < last ? state.entry + 1 : 0;
      state.offset = 0;
    }
    return false;
  }

  #entryAddress(): Address {
    const at = this.state.entry * ENTRY_WORDS;
    return descriptorAddress(this.internal[at] as number, this.internal[at + 1] as number);
  }

  #entryLength(): number {
    return this.internal[this.state.entry * ENTRY_WORDS + 2] as number;
  }

  #controlWritten(previous: number): void {
    if (this.#file.get(field['GCTL.CRST']) === 0) this.registerReset();
    else if ((previous & 1) === 0) this.state.runningSince = this.now;
  }

  #streamWritten(previous: number): void {
    const file = this.#file;
    const state = this.state;
    if (file.get(field['SDCTL.SRST']) === 1) {
      for (let offset = STREAM_DESCRIPTOR; offset < streamController.size; offset += 4)
        file.poke32(offset, 0);
      file.set(field['SDCTL.SRST'], 1);
      const { runningSince, codecReported } = state;
      this.clearState();
      state.runningSince = runningSince;
      state.codecReported = codecReported;
    } else if (file.get(field['SDCTL.RUN']) === 0) {
      state.workTime = Number.POSITIVE_INFINITY;
      state.stage = Stage.stopped;
    } else if ((previous & 2) === 0) {
      state.loaded = 0;
      state.stage = Stage.load;
      state.workTime = this.now + this.#burstTime;
    }
    this.#updateLine();
  }

  #streamInterrupt(): boolean {
    const file = this.#file;
    const completed = file.get(field['SDCTL.BCIS']) & file.get(field['SDCTL.IOCE']);
    const failed = file.get(field['SDCTL.DESE']) & file.get(field['SDCTL.DEIE']);
    return (completed | failed) !== 0;
  }

  #interrupts(): boolean {
    const enabled = this.#file.get(field['INTCTL.GIE']) & this.#file.get(field['INTCTL.SIE']);
    return enabled !== 0 && this.#streamInterrupt();
  }

  #updateLine(): void {
    this.setLine(this.#interrupts());
  }
}

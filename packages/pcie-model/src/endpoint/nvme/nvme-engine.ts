import {
  type Address,
  microseconds,
  milliseconds,
  type Nanoseconds,
  PAGE_SIZE,
  RegisterFile,
} from '@quiesce/simulation';
import { addressPlus, descriptorAddress } from '../descriptor-address.ts';
import type { EndpointDescription } from '../endpoint-description.ts';
import type { EndpointPort } from '../endpoint-engine.ts';
import { MasteringEngine } from '../mastering-engine.ts';
import { NvmeQueues, QUEUE_NUMBERS, QUEUE_PAIRS, Queue } from './nvme-queues.ts';
import { DOORBELLS, nvmeController, nvmeDoorbells } from './nvme-registers.ts';

const field = nvmeController.field;
const INTMS = field['INTMS.MASK'].offset;
const INTMC = field['INTMC.MASK'].offset;
const CC = field['CC.EN'].offset;
const ASQ = field['ASQ.LOW'].offset;
const ASQU = field['ASQU.HIGH'].offset;
const ACQ = field['ACQ.LOW'].offset;
const ACQU = field['ACQU.HIGH'].offset;

/** Admin and NVM opcodes (NVMe 5, 6). */
const Opcode = { deleteSq: 0x00, createSq: 0x01, deleteCq: 0x04, createCq: 0x05, identify: 0x06 } as const;
const NvmOpcode = { flush: 0x00, write: 0x01, read: 0x02 } as const;
/** Generic command status: Invalid Command Opcode, Invalid Field in Command (NVMe 4.6.1.2.1). */
const INVALID_OPCODE = 1;
const INVALID_FIELD = 2;

const ENTRY_BYTES = 64;
const COMPLETION_BYTES = 16;
const BLOCK_BYTES = 512;
const ADMIN_TIME = microseconds(50);
/** From CC.EN to CSTS.RDY. CAP.TO promises 7.5 s at most. */
const READY_TIME = milliseconds(2);

const Stage = { idle: 0, fetch: 1, data: 2, complete: 3 } as const;

interface CommandState extends Record<string, number> {
  /** Queue pair of the command in work. */
  pair: number;
  opcode: number;
  commandId: number;
  prp1: Address;
  prp2: Address;
  dword10: number;
  dword11: number;
  dword12: number;
  /** Bytes that the command moves, and those in finished pages. */
  bytes: number;
  done: number;
  status: number;
  readyAt: Nanoseconds;
}

/** An NVMe controller: the admin queues and one pair of I/O queues, commands one after the other. */
export class NvmeEngine extends MasteringEngine<CommandState> {
  readonly #file: RegisterFile;
  readonly #queues: NvmeQueues;

  constructor(description: EndpointDescription, seed: number) {
    const file = new RegisterFile(nvmeController.size);
    file.place(nvmeController);
    const doorbells = new RegisterFile(nvmeDoorbells.size);
    doorbells.place(nvmeDoorbells);
    super(
      description,
      seed,
      [
        { base: 0, file },
        { base: DOORBELLS, file: doorbells },
      ],
      {
        pair: 0,
        opcode: 0,
        commandId: 0,
        prp1: 0,
        prp2: 0,
        dword10: 0,
        dword11: 0,
        dword12: 0,
        bytes: 0,
        done: 0,
        status: 0,
        readyAt: 0,
      },
      QUEUE_NUMBERS * QUEUE_PAIRS,
    );
    this.#file = file;
    this.#queues = new NvmeQueues(this.internal);
    file.onWrite(CC, 32, (_offset, _written, previous) => this.#configurationWritten(previous));
    // Both registers show one mask (NVMe 3.1.3, 3.1.4).
    file.onWrite(INTMS, 32, () => this.#maskWritten(INTMS, INTMC));
    file.onWrite(INTMC, 32, () => this.#maskWritten(INTMC, INTMS));
    for (let at = 0; at < nvmeDoorbells.size; at += 4) {
      doorbells.onWrite(at, 32, (offset, written) => this.#doorbell(offset, written & 0xffff));
    }
  }

  protected override refreshRegisters(): void {
    const enabled = this.#file.get(field['CC.EN']) === 1;
    this.#file.set(field['CSTS.RDY'], enabled && this.now >= this.state.readyAt ? 1 : 0);
  }

  protected override onHalt(): void {
    this.#file.set(field['CSTS.CFS'], 1);
  }

  protected override work(port: EndpointPort): void {
    const state = this.state;
    if (state.stage === Stage.idle) {
      state.pair = this.#queues.hasWork(0) ? 0 : 1;
      state.stage = Stage.fetch;
    }
    if (state.stage === Stage.fetch) {
      if (!this.#fetchCommand(port)) return;
      this.#begin();
      state.stage = Stage.data;
    }
    if (state.stage === Stage.data) {
      if (!this.#moveData(port)) return;
      state.stage = Stage.complete;
    }
    if (!this.#complete(port)) return;
    state.stage = Stage.idle;
    state.workTime = Number.POSITIVE_INFINITY;
    this.#schedule(port.now);
  }

  #fetchCommand(port: EndpointPort): boolean {
    const state = this.state;
    const base = this.#queues.get(state.pair, Queue.submissionBase);
    const entry = addressPlus(base, this.#queues.get(state.pair, Queue.submissionHead) * ENTRY_BYTES);
    if (!this.fetch(port, entry)) return false;
    state.opcode = this.fetched & 0xff;
    state.commandId = this.fetched >>> 16;
    // A command that could not be read carries nothing to do.
    const refused = this.fetchRefused;
    if (!this.fetch(port, addressPlus(entry, 24))) return false;
    const low1 = this.fetched;
    if (!this.fetch(port, addressPlus(entry, 28))) return false;
    state.prp1 = descriptorAddress(low1, this.fetched);
    if (!this.fetch(port, addressPlus(entry, 32))) return false;
    const low2 = this.fetched;
    if (!this.fetch(port, addressPlus(entry, 36))) return false;
    state.prp2 = descriptorAddress(low2, this.fetched);
    if (!this.fetch(port, addressPlus(entry, 40))) return false;
    state.dword10 = this.fetched;
    if (!this.fetch(port, addressPlus(entry, 44))) return false;
    state.dword11 = this.fetched;
    if (!this.fetch(port, addressPlus(entry, 48))) return false;
    state.dword12 = this.fetched;
    state.status = refused ? INVALID_FIELD : 0;
    return true;
  }

  /** Carries out what needs no data, and says how much data there is. */
  #begin(): void {
    const state = this.state;
    state.bytes = 0;
    state.done = 0;
    if (state.status !== 0) return;
    if (state.pair === 1) {
      if (state.opcode === NvmOpcode.read || state.opcode === NvmOpcode.write) {
        state.bytes = ((state.dword12 & 0xffff) + 1) * BLOCK_BYTES;
      } else if (state.opcode !== NvmOpcode.flush) state.status = INVALID_OPCODE;
      return;
    }
    const queueId = state.dword10 & 0xffff;
    const size = (state.dword10 >>> 16) + 1;
    if (state.opcode === Opcode.identify) state.bytes = PAGE_SIZE;
    else if (state.opcode > Opcode.createCq || state.opcode === 2 || state.opcode === 3) {
      state.status = INVALID_OPCODE;
    } else if (queueId !== 1) state.status = INVALID_FIELD;
    else if (state.opcode === Opcode.createCq) {
      this.#queues.createCompletion(1, state.prp1, size, (state.dword11 & 2) !== 0);
    } else if (state.opcode === Opcode.createSq) this.#queues.createSubmission(1, state.prp1, size);
    else if (state.opcode === Opcode.deleteSq) this.#queues.createSubmission(1, 0, 0);
    else this.#queues.createCompletion(1, 0, 0, false);
  }

  /** Page by page: PRP1, then PRP2 or the list that it points to (NVMe 4.3). */
  #moveData(port: EndpointPort): boolean {
    const state = this.state;
    const toMemory = state.pair === 0 || state.opcode === NvmOpcode.read;
    while (state.done < state.bytes) {
      const rest = state.bytes - state.done;
      let address = state.prp1;
      if (state.done > 0) {
        address = state.prp2;
        const inFirst = PAGE_SIZE - (state.prp1 % PAGE_SIZE);
        if (state.bytes - inFirst > PAGE_SIZE) {
          const entry = addressPlus(state.prp2, ((state.done - inFirst) / PAGE_SIZE) * 8);
          if (!this.fetch(port, entry)) return false;
          const low = this.fetched;
          if (!this.fetch(port, addressPlus(entry, 4))) return false;
          address = descriptorAddress(low, this.fetched);
        }
      }
      const length = Math.min(rest, PAGE_SIZE - (address % PAGE_SIZE));
      if (!this.move(port, toMemory, address, length)) return false;
      state.done += length;
    }
    return true;
  }

  #complete(port: EndpointPort): boolean {
    const state = this.state;
    const queues = this.#queues;
    const { pair } = state;
    const base = queues.get(pair, Queue.completionBase);
    const entry = addressPlus(base, queues.get(pair, Queue.completionTail) * COMPLETION_BYTES);
    const size = queues.get(pair, Queue.submissionSize);
    const head = size === 0 ? 0 : (queues.get(pair, Queue.submissionHead) + 1) % size;
    if (!this.store(port, addressPlus(entry, 8), ((pair << 16) | head) >>> 0)) return false;
    const word = (state.status << 17) | (queues.get(pair, Queue.phase) << 16) | state.commandId;
    if (!this.store(port, addressPlus(entry, 12), word >>> 0)) return false;
    if (size !== 0) queues.advanceSubmission(pair);
    queues.advanceCompletion(pair);
    if (queues.get(pair, Queue.interrupts) === 1 && (this.#file.peek32(INTMS) & 1) === 0) this.raise(port);
    return true;
  }

  #schedule(now: Nanoseconds): void {
    const state = this.state;
    if (state.workTime !== Number.POSITIVE_INFINITY) return;
    if (this.#queues.hasWork(0)) state.workTime = now + ADMIN_TIME;
    else if (this.#queues.hasWork(1)) state.workTime = now + this.period;
  }

  #configurationWritten(previous: number): void {
    const file = this.#file;
    const state = this.state;
    const enabled = file.get(field['CC.EN']) === 1;
    if (enabled && (previous & 1) === 0) {
      state.readyAt = this.now + READY_TIME;
      const submission = descriptorAddress(file.peek32(ASQ), file.peek32(ASQU));
      this.#queues.createSubmission(0, submission, file.get(field['AQA.ASQS']) + 1);
      const completion = descriptorAddress(file.peek32(ACQ), file.peek32(ACQU));
      this.#queues.createCompletion(0, completion, file.get(field['AQA.ACQS']) + 1, true);
    } else if (!enabled && (previous & 1) === 1) this.#controllerReset();
    // Shutdown finishes at once: nothing is cached (NVMe 3.1.6).
    file.set(field['CSTS.SHST'], file.get(field['CC.SHN']) === 0 ? 0 : 2);
    if (file.get(field['CC.SHN']) !== 0) state.workTime = Number.POSITIVE_INFINITY;
  }

  /** Controller Reset keeps the admin queue registers (NVMe 7.3.2). */
  #controllerReset(): void {
    this.clearState();
    for (const name of ['CSTS.RDY', 'CSTS.CFS'] as const) this.#file.set(field[name], 0);
    this.#file.poke32(INTMS, 0);
    this.#file.poke32(INTMC, 0);
  }

  #doorbell(offset: number, value: number): void {
    const pair = offset >>> 3;
    const head = (offset & 4) !== 0;
    const size = this.#queues.get(pair, head ? Queue.completionSize : Queue.submissionSize);
    // A doorbell beyond the queue, or of a queue that is not there, is an error that changes nothing (NVMe 3.1.24).
    const ready = this.#file.get(field['CC.EN']) === 1 && this.now >= this.state.readyAt;
    if (!ready || value >= size) return;
    this.#queues.set(pair, head ? Queue.completionHead : Queue.submissionTail, value);
    if (head) this.#updateLine();
    this.#schedule(this.now);
  }

  #maskWritten(written: number, other: number): void {
    this.#file.poke32(other, this.#file.peek32(written));
    this.#updateLine();
  }

  #updateLine(): void {
    const pending =
      (this.#queues.unread(0) && this.#queues.get(0, Queue.interrupts) === 1) ||
      (this.#queues.unread(1) && this.#queues.get(1, Queue.interrupts) === 1);
    this.setLine(pending && (this.#file.peek32(INTMS) & 1) === 0);
  }
}

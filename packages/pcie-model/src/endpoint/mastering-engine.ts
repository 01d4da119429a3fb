import {
  type AccessSize,
  type Address,
  millisecond,
  type Nanoseconds,
  PAGE_SIZE,
  RandomStream,
  type RegisterFile,
  type ResetKind,
  type RunningHash,
  second,
} from '@quiesce/simulation';
import { Completion, type CompletionStatus } from '../request/completion.ts';
import { addressPlus } from './descriptor-address.ts';
import type { EndpointDescription } from './endpoint-description.ts';
import type { EndpointEngine, EndpointPort } from './endpoint-engine.ts';

/** Pause before a refused transaction is tried again by a device that retries. */
export const RETRY_PAUSE: Nanoseconds = millisecond;
/** How long a read is outstanding before its completion is back, as Transactions Pending shows it. */
export const READ_LATENCY: Nanoseconds = 1_000;

/** What every engine remembers; an engine adds numbers of its own. Only numbers, so that it is plain data. */
export interface EngineState {
  [name: string]: number;
  /** When the next piece of work is due; Infinity without work. */
  workTime: Nanoseconds;
  /** When the interrupt line changes because software wrote a register; Infinity if it does not. */
  lineTime: Nanoseconds;
  /** 1 while the device asserts its interrupt. */
  line: number;
  /** 1 after Bus Master Enable was found clear. */
  suspended: number;
  /** 1 after an error that only a reset cures. */
  halted: number;
  refusals: number;
  retries: number;
  /** 1 while a refused request waits to be made again. */
  retrying: number;
  /** Where in its piece of work the engine is; 0 between two pieces. */
  stage: number;
  /** Bytes of the present transfer that are done. */
  moved: number;
  lastReadAt: Nanoseconds;
  /** Bytes that the present period still allows. */
  budget: number;
}

export interface RegisterBlock {
  /** Offset in the BAR. */
  readonly base: number;
  readonly file: RegisterFile;
}

interface EngineSnapshot {
  readonly registers: readonly Uint8Array[];
  readonly internal: Float64Array;
  readonly state: Readonly<EngineState>;
}

/**
 * What all endpoints that master the bus have in common: registers, a piece of work due at a time, refusals,
 * Bus Master Enable, an interrupt. Registers answer in whichever BAR they are asked for.
 */
export abstract class MasteringEngine<Own extends Record<string, number>> implements EndpointEngine {
  readonly description: EndpointDescription;
  protected readonly state: EngineState & Own;
  protected readonly blocks: readonly RegisterBlock[];
  /** Time of the access being made to a register. */
  protected now: Nanoseconds = 0;
  /** Result of {@link fetch}. */
  protected fetched = 0;
  /** Whether the last {@link fetch} was refused. */
  protected fetchRefused = false;
  /** Address of the last request for data. */
  protected lastAddress: Address = 0;
  /** Memory inside of the device: descriptors that it holds, queues that it knows. */
  protected readonly internal: Float64Array;
  /** Nanoseconds from one piece of work to the next. */
  protected readonly period: Nanoseconds;
  /** Where in its period this device begins: different for each seed. */
  protected readonly phase: Nanoseconds;
  readonly #initial: EngineState & Own;

  constructor(
    description: EndpointDescription,
    seed: number,
    blocks: readonly RegisterBlock[],
    own: Own,
    internalNumbers = 0,
  ) {
    this.description = description;
    this.blocks = blocks;
    this.internal = new Float64Array(internalNumbers);
    const { ratePerSecond } = description.workload;
    this.period =
      ratePerSecond > 0 ? Math.max(1, Math.round(second / ratePerSecond)) : Number.POSITIVE_INFINITY;
    this.phase = ratePerSecond > 0 ? Math.floor(new RandomStream(seed).nextFraction() * this.period) : 0;
    this.#initial = {
      workTime: Number.POSITIVE_INFINITY,
      lineTime: Number.POSITIVE_INFINITY,
      line: 0,
      suspended: 0,
      halted: 0,
      refusals: 0,
      retries: 0,
      retrying: 0,
      stage: 0,
      moved: 0,
      lastReadAt: Number.NEGATIVE_INFINITY,
      budget: 0,
      ...own,
    };
    this.state = { ...this.#initial };
  }

  /** Makes the piece of work that is due, and sets `state.workTime`. */
  protected abstract work(port: EndpointPort, horizon: Nanoseconds): void;

  /** Brings registers that follow from time or state up to date before software reads them. */
  protected refreshRegisters(): void {}

  /**
   * Whether a refused memory write is lost without the device's knowledge: it is posted, so nothing comes back (PCIe 2.4.1).
   * Otherwise the device learns of it, as of an error message of its bridge, and does what its traits say.
   */
  protected get losesPostedWrites(): boolean {
    return false;
  }

  /** The device has stopped for good after a refused request: what its registers say of it. */
  protected onHalt(_port: EndpointPort): void {}

  get nextTime(): Nanoseconds {
    const { workTime, lineTime, suspended, halted } = this.state;
    return suspended !== 0 || halted !== 0 || lineTime < workTime ? lineTime : workTime;
  }

  step(port: EndpointPort, horizon: Nanoseconds): void {
    const state = this.state;
    if (state.lineTime === this.nextTime) {
      if (state.lineTime === Number.POSITIVE_INFINITY) return;
      state.lineTime = Number.POSITIVE_INFINITY;
      if (state.line === 1) port.interrupt(0);
      else port.deassertInterrupt();
      return;
    }
    state.retrying = 0;
    state.budget = this.description.workload.bytesPerUnit;
    this.work(port, horizon);
  }

  readRegister(_bar: number, offset: number, size: number, now: Nanoseconds): number {
    const block = this.#blockAt(offset);
    if (block === undefined) return 2 ** (size * 8) - 1;
    this.now = now;
    this.refreshRegisters();
    return block.file.read(offset - block.base, size as AccessSize);
  }

  writeRegister(_bar: number, offset: number, size: number, value: number, now: Nanoseconds): void {
    const block = this.#blockAt(offset);
    if (block === undefined) return;
    this.now = now;
    this.refreshRegisters();
    block.file.write(offset - block.base, size as AccessSize, value);
  }

  busMasterChanged(enabled: boolean, now: Nanoseconds): void {
    const state = this.state;
    const traits = this.description.traits;
    if (!traits.honoursBusMaster) return;
    if (!enabled) {
      state.suspended = 1;
      return;
    }
    if (state.suspended === 0) return;
    state.suspended = 0;
    if (state.workTime === Number.POSITIVE_INFINITY) return;
    if (!traits.resumesStaleWork) state.halted = 1;
    else if (state.workTime < now) state.workTime = now;
  }

  reset(kind: ResetKind, now: Nanoseconds): void {
    this.now = now;
    for (const block of this.blocks) block.file.reset(kind);
    this.clearState();
  }

  transactionsPending(now: Nanoseconds): boolean {
    const state = this.state;
    const waits = state.retrying === 1 && state.halted === 0 && state.suspended === 0;
    return waits || now < state.lastReadAt + READ_LATENCY;
  }

  snapshot(): EngineSnapshot {
    const registers = this.blocks.map((block) => block.file.snapshot());
    return { registers, internal: this.internal.slice(), state: { ...this.state } };
  }

  restore(snapshot: unknown): void {
    const { registers, internal, state } = snapshot as EngineSnapshot;
    this.internal.set(internal);
    for (const [index, block] of this.blocks.entries()) block.file.restore(registers[index] as Uint8Array);
    Object.assign(this.state, state);
  }

  hashInto(hash: RunningHash): void {
    for (const block of this.blocks) block.file.hashInto(hash);
    for (const value of this.internal) hash.number(value);
    for (const name in this.state) {
      const value = this.state[name] as number;
      hash.number(Number.isFinite(value) ? value : -1);
    }
  }

  /**
   * A reset by the device's own registers, as its driver does. A device that has raised a fatal error does not come
   * back by it: that takes a reset from outside.
   */
  protected registerReset(): void {
    if (this.state.halted !== 0 && this.description.traits.onRefusal === 'fatal-error') return;
    this.reset('function-level', this.now);
  }

  /** Forgets all internal state; registers stay. */
  protected clearState(): void {
    // A line that is asserted, or about to change, is deasserted.
    const changes = this.state.line === 1 || this.state.lineTime !== Number.POSITIVE_INFINITY;
    Object.assign(this.state, this.#initial);
    this.internal.fill(0);
    if (changes) this.state.lineTime = this.now;
  }

  /** First instant at or after `time` at which this device's clock ticks. */
  protected nextTick(time: Nanoseconds): Nanoseconds {
    if (this.period === Number.POSITIVE_INFINITY) return this.period;
    return this.phase + Math.max(0, Math.ceil((time - this.phase) / this.period)) * this.period;
  }

  /** Reads one dword into `fetched`; 0 where a refused read is ignored. False if the work cannot go on now. */
  protected fetch(port: EndpointPort, address: Address): boolean {
    const status = port.readDword(address);
    this.state.lastReadAt = port.now;
    this.fetchRefused = status !== Completion.success;
    this.fetched = this.fetchRefused ? 0 : port.dword;
    return !this.fetchRefused || this.#goesOnAfter(status, port);
  }

  /** Writes one dword. False if the work cannot go on now. */
  protected store(port: EndpointPort, address: Address, value: number): boolean {
    const status = port.writeDword(address, value);
    return status === Completion.success || this.#goesOnAfter(status, port, true);
  }

  /** One request for data; `repeat` is more than 1 only where the last one was steady. */
  protected request(
    port: EndpointPort,
    write: boolean,
    address: Address,
    length: number,
    repeat: number,
  ): boolean {
    let status: CompletionStatus;
    this.lastAddress = address + (repeat - 1) * length;
    if (write) status = port.writeData(address, length, repeat);
    else {
      status = port.readData(address, length, repeat);
      this.state.lastReadAt = port.now;
    }
    if (status === Completion.success) return true;
    if (status !== Completion.notMaster) this.state.refusals += repeat - 1;
    return this.#goesOnAfter(status, port, write);
  }

  /** Writes the dword after the one that was just stored. False if the work cannot go on now. */
  protected storeNext(port: EndpointPort, address: Address, value: number): boolean {
    const status = port.writeNext(address, value);
    return status === Completion.success || this.#goesOnAfter(status, port, true);
  }

  /** One request for data and up to `most - 1` that follow it with the same success; `port.made` tells how many. */
  protected requestMany(
    port: EndpointPort,
    write: boolean,
    address: Address,
    length: number,
    most: number,
  ): boolean {
    let status: CompletionStatus;
    if (write) status = port.writeMany(address, length, most);
    else {
      status = port.readMany(address, length, most);
      this.state.lastReadAt = port.now;
    }
    this.lastAddress = address + (port.made - 1) * length;
    return status === Completion.success || this.#goesOnAfter(status, port, write);
  }

  /**
   * Moves `bytes` in bursts, one after the other at the present instant. A period allows `bytesPerUnit` bytes, so
   * that a descriptor full of garbage costs time as it does in hardware; what is left goes on at `state.moved`.
   * False if the work cannot go on now.
   */
  protected move(port: EndpointPort, write: boolean, address: Address, bytes: number): boolean {
    const state = this.state;
    const burst = this.description.workload.burstBytes;
    while (state.moved < bytes) {
      if (state.budget <= 0) {
        state.workTime = port.now + this.period;
        return false;
      }
      let at = addressPlus(address, state.moved);
      let inPage = PAGE_SIZE - (at & (PAGE_SIZE - 1));
      const length = Math.min(burst, bytes - state.moved, inPage);
      const rest = Math.min(inPage, bytes - state.moved, state.budget) - length;
      const most = length < burst ? 1 : 1 + Math.max(0, Math.floor(rest / burst));
      if (!this.requestMany(port, write, at, length, most)) return false;
      const moved = port.made * length;
      state.moved += moved;
      state.budget -= moved;
      if (length < burst || !port.steady) continue;
      // A device that ignores refusals goes on with the same answer, too.
      at += moved - length;
      inPage -= moved - length;
      const room = Math.min(port.validFor, inPage) - length;
      const more = Math.floor(Math.min(room, bytes - state.moved, state.budget) / burst);
      if (more < 1) continue;
      if (!this.request(port, write, at + length, length, more)) return false;
      state.moved += more * length;
      state.budget -= more * length;
    }
    state.moved = 0;
    return true;
  }

  /** Asserts the interrupt from within a piece of work; each call is one message if the function uses MSI. */
  protected raise(port: EndpointPort): void {
    if (this.description.traits.interrupt === 'none') return;
    this.state.line = 1;
    port.interrupt(0);
  }

  /** Sets the interrupt line as a consequence of a register access. */
  protected setLine(asserted: boolean): void {
    const state = this.state;
    const line = asserted && this.description.traits.interrupt !== 'none' ? 1 : 0;
    if (state.line === line) return;
    state.line = line;
    state.lineTime = this.now;
  }

  #blockAt(offset: number): RegisterBlock | undefined {
    for (const block of this.blocks) {
      if (offset >= block.base && offset < block.base + block.file.size) return block;
    }
    return undefined;
  }

  /** What the device does about a refused request: true if it goes on as if nothing had been. */
  #goesOnAfter(status: CompletionStatus, port: EndpointPort, write = false): boolean {
    const state = this.state;
    if (status === Completion.notMaster) {
      state.suspended = 1;
      return false;
    }
    state.refusals++;
    if (write && this.losesPostedWrites) return true;
    const reaction = this.description.traits.onRefusal;
    if (reaction === 'ignore') return true;
    if (reaction === 'retry') {
      state.retries++;
      state.retrying = 1;
      state.workTime = port.now + RETRY_PAUSE;
      return false;
    }
    state.halted = 1;
    this.onHalt(port);
    if (reaction === 'fatal-error') port.fatalError();
    return false;
  }
}

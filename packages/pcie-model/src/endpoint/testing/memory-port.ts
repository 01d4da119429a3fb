import {
  type Address,
  type MemoryOwner,
  type Nanoseconds,
  PAGE_SIZE,
  PhysicalMemory,
} from '@quiesce/simulation';
import { Completion, type CompletionStatus } from '../../request/completion.ts';
import type { EndpointEngine, EndpointPort } from '../endpoint-engine.ts';

/** Totals of a {@link MemoryPort}. */
export interface PortTotals {
  readRequests: number;
  writeRequests: number;
  readBytes: number;
  writtenBytes: number;
  refused: number;
  interrupts: number;
  deasserts: number;
  fatalErrors: number;
}

/**
 * A port straight into 1 GiB of memory, for tests of engines without a fabric. Its first request to each page is
 * not steady, as with a unit that fills its cache; an answer holds for an aligned `granule` of bytes.
 */
export class MemoryPort implements EndpointPort {
  now: Nanoseconds = 0;
  dword = 0;
  made = 0;
  steady = false;
  validFor = 0;
  owner: MemoryOwner = 'none';
  /** What becomes of a request; success unless a test says otherwise. */
  answer: (address: Address, write: boolean) => CompletionStatus = () => Completion.success;
  readonly memory: PhysicalMemory = new PhysicalMemory([{ start: 0, end: 2 ** 30, owner: 'dma-buffer' }]);
  readonly totals: PortTotals = {
    readRequests: 0,
    writeRequests: 0,
    readBytes: 0,
    writtenBytes: 0,
    refused: 0,
    interrupts: 0,
    deasserts: 0,
    fatalErrors: 0,
  };
  readonly #granule: number;
  readonly #seen = new Set<number>();
  /** Where {@link writeNext} may write. */
  #mayFollow = -1;
  readonly #writer = this.memory.writer('device');

  constructor(granule: number = PAGE_SIZE) {
    this.#granule = granule;
  }

  readDword(address: Address): CompletionStatus {
    const status = this.#request(address, 4, 1, false);
    if (status === Completion.success) this.dword = this.memory.read32(address);
    return status;
  }

  readMore(address: Address, stride: number, count: number, into: Float64Array): void {
    for (let i = 0; i < count; i++) {
      this.#readOn(address + i * stride);
      into[i] = this.memory.read32(address + i * stride);
    }
  }

  readAlike(address: Address, stride: number, count: number, value: number): number {
    for (let i = 0; i < count; i++) {
      if (this.memory.read32(address + i * stride) !== value) return i;
      this.#readOn(address + i * stride);
    }
    return count;
  }

  #readOn(address: Address): void {
    if (!this.#seen.has(Math.floor(address / PAGE_SIZE))) throw new Error('read on where nothing was steady');
    const status = this.#request(address, 4, 1, false);
    if (status !== Completion.success) throw new Error('read on where a read is refused');
  }

  writeDword(address: Address, value: number): CompletionStatus {
    const status = this.#request(address, 4, 1, true);
    if (status === Completion.success) this.memory.write32(address, value, this.#writer);
    this.#mayFollow = address + 4;
    return status;
  }

  writeNext(address: Address, value: number): CompletionStatus {
    if (address !== this.#mayFollow) throw new Error('written next to no write of one dword');
    const status = this.writeDword(address, value);
    this.#mayFollow = -1;
    return status;
  }

  readMany(address: Address, length: number, most: number): CompletionStatus {
    return this.#many(most, length, this.readData(address, length, 1), (more) =>
      this.readData(address + length, length, more),
    );
  }

  writeMany(address: Address, length: number, most: number): CompletionStatus {
    return this.#many(most, length, this.writeData(address, length, 1), (more) =>
      this.writeData(address + length, length, more),
    );
  }

  writeDataMore(address: Address, length: number, stride: number, count: number): void {
    for (let i = 0; i < count; i++) this.#writeOn(this.writeData(address + i * stride, length, 1));
  }

  writeDwordMore(address: Address, stride: number, count: number, value: number): void {
    for (let i = 0; i < count; i++) this.#writeOn(this.writeDword(address + i * stride, value));
  }

  #writeOn(status: CompletionStatus): void {
    if (!this.steady) throw new Error('written on where nothing was steady');
    if (status !== Completion.success) throw new Error('written on where a write is refused');
  }

  #many(
    most: number,
    length: number,
    first: CompletionStatus,
    rest: (more: number) => CompletionStatus,
  ): CompletionStatus {
    const more = Math.min(most, Math.floor(this.validFor / length)) - 1;
    this.made = 1;
    if (first !== Completion.success || !this.steady || more < 1) return first;
    this.made += more;
    return rest(more);
  }

  readData(address: Address, length: number, repeat: number): CompletionStatus {
    return this.#request(address, length, repeat, false);
  }

  writeData(address: Address, length: number, repeat: number): CompletionStatus {
    const status = this.#request(address, length, repeat, true);
    if (status === Completion.success) this.memory.writePattern(address, length * repeat, 0x5a, this.#writer);
    return status;
  }

  interrupt(): void {
    this.totals.interrupts++;
  }

  deassertInterrupt(): void {
    this.totals.deasserts++;
  }

  fatalError(): void {
    this.totals.fatalErrors++;
  }

  #request(address: Address, length: number, repeat: number, write: boolean): CompletionStatus {
    const end = address + length * repeat;
    const frame = Math.floor(address / PAGE_SIZE);
    if (Math.floor((end - 1) / PAGE_SIZE) !== frame)
      throw new Error(`request over a page: ${address}..${end}`);
    if (repeat > 1 && !this.#seen.has(frame)) throw new Error('repeat of a request that was not steady');
    this.steady = this.#seen.has(frame);
    this.#seen.add(frame);
    this.validFor = this.#granule - (address % this.#granule);
    if (repeat > 1 && length * repeat > this.validFor)
      throw new Error('repeat beyond what the answer holds for');
    this.validFor -= length * (repeat - 1);
    this.owner = this.memory.ownerAt(address);
    const status = this.answer(address, write);
    const { totals } = this;
    if (status !== Completion.success) totals.refused += repeat;
    if (write) {
      totals.writeRequests += repeat;
      totals.writtenBytes += length * repeat;
    } else {
      totals.readRequests += repeat;
      totals.readBytes += length * repeat;
    }
    return status;
  }
}

/** Runs an engine up to `until`; in one step where it can, or one transaction after the other. */
export function runEngine(
  engine: EndpointEngine,
  port: MemoryPort,
  until: Nanoseconds,
  mode: 'steady-steps' | 'event-by-event' = 'steady-steps',
): number {
  let steps = 0;
  while (engine.nextTime < until) {
    port.now = engine.nextTime;
    engine.step(port, mode === 'steady-steps' ? until : engine.nextTime);
    steps++;
  }
  port.now = until;
  return steps;
}

import { type Address, assert, type MemoryOwner, type Nanoseconds } from '@quiesce/simulation';
import type { EndpointPort } from '../endpoint/endpoint-engine.ts';
import type { ErrorReporting } from '../error/error-reporting.ts';
import type { FunctionInterrupts } from '../interrupt/function-interrupts.ts';
import type { BusMaster } from '../request/bus-master.ts';
import type { CompletionStatus } from '../request/completion.ts';
import type { DmaPath } from '../request/dma-path.ts';

/** One engine's way to the fabric. */
export class EnginePort implements EndpointPort {
  readonly master: BusMaster;
  readonly #clock: { readonly now: Nanoseconds };
  readonly #path: DmaPath;
  readonly #interrupts: FunctionInterrupts;
  readonly #errors: ErrorReporting;

  constructor(
    master: BusMaster,
    clock: { readonly now: Nanoseconds },
    path: DmaPath,
    interrupts: FunctionInterrupts,
    errors: ErrorReporting,
  ) {
    this.master = master;
    this.#clock = clock;
    this.#path = path;
    this.#interrupts = interrupts;
    this.#errors = errors;
  }

  get now(): Nanoseconds {
    return this.#clock.now;
  }

  get dword(): number {
    return this.#path.dword;
  }

  get made(): number {
    return this.#path.made;
  }

  get steady(): boolean {
    return this.#path.steady;
  }

  get validFor(): number {
    return this.#path.validFor;
  }

  get owner(): MemoryOwner {
    return this.#path.owner;
  }

  readDword(address: Address): CompletionStatus {
    return this.#path.readDword(this.master, address);
  }

  readMore(address: Address, stride: number, count: number, into: Float64Array): void {
    const made = this.#path.readAgain(this.master, address, stride, count, 0, into);
    assert(made === count, 'dwords are read on after a request that was not steady');
  }

  readAlike(address: Address, stride: number, count: number, value: number): number {
    return this.#path.readAgain(this.master, address, stride, count, value, undefined);
  }

  writeDword(address: Address, value: number): CompletionStatus {
    return this.#path.writeDword(this.master, address, value);
  }

  writeNext(address: Address, value: number): CompletionStatus {
    return this.#path.writeNext(this.master, address, value);
  }

  readMany(address: Address, length: number, most: number): CompletionStatus {
    return this.#path.transferMany(this.master, address, length, false, most);
  }

  writeMany(address: Address, length: number, most: number): CompletionStatus {
    return this.#path.transferMany(this.master, address, length, true, most);
  }

  readData(address: Address, length: number, repeat: number): CompletionStatus {
    return this.#path.transfer(this.master, address, length, false, repeat);
  }

  writeData(address: Address, length: number, repeat: number): CompletionStatus {
    return this.#path.transfer(this.master, address, length, true, repeat);
  }

  writeDataMore(address: Address, length: number, stride: number, count: number): void {
    assert(this.steady, 'data is written on after a request that was not steady');
    this.#path.writeAgain(this.master, address, length, stride, count, -1);
  }

  writeDwordMore(address: Address, stride: number, count: number, value: number): void {
    assert(this.steady, 'dwords are written on after a request that was not steady');
    this.#path.writeAgain(this.master, address, 4, stride, count, value);
  }

  interrupt(index: number): void {
    this.#interrupts.raise(index);
  }

  deassertInterrupt(): void {
    this.#interrupts.deassert();
  }

  fatalError(): void {
    this.#errors.internalError(this.master.fn);
  }
}

import {
  type Address,
  INTERRUPT_WINDOW,
  isBacked,
  type MemoryOwner,
  PAGE_SIZE,
  type PhysicalMemory,
  type RemappingUnit,
} from '@quiesce/simulation';
import type { Containment } from '../error/containment.ts';
import type { ErrorReporting } from '../error/error-reporting.ts';
import { escalate } from '../error/escalation.ts';
import type { FabricObserver } from '../fabric/fabric-observer.ts';
import type { InterruptPath } from '../interrupt/interrupt-path.ts';
import type { PlatformDescription } from '../platform/platform-description.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';
import type { PcieHierarchy } from '../topology/pcie-hierarchy.ts';
import type { BusMaster } from './bus-master.ts';
import { Completion, type CompletionStatus } from './completion.ts';
import type { ReadFaults } from './read-faults.ts';
import { RequestTranslation } from './request-translation.ts';
import { readOn, type SteadyPlace, writeOn } from './steady-requests.ts';
import { memoryRequestHeader, newTlpHeader, type TlpHeader } from './tlp-header.ts';
import type { UnitLookup } from './unit-lookup.ts';
import { UpstreamPath } from './upstream-path.ts';

/** The parts of a fabric that a memory request meets. */
export interface DmaPathParts {
  readonly hierarchy: PcieHierarchy;
  readonly memory: PhysicalMemory;
  readonly units: UnitLookup;
  readonly platform: PlatformDescription;
  readonly observer: FabricObserver;
  readonly errors: ErrorReporting;
  readonly containment: Containment;
  readonly faults: ReadFaults;
  readonly interrupts: InterruptPath;
}

const ALL_ONES = 0xffff_ffff;
/** In place of a dword to write: data that nobody looks at, or a dword to be read. */
const DATA = -1;
const READ_DWORD = -2;
/** In place of a yes or no. */
const UNKNOWN = -1;

/**
 * The way of memory requests from a function to memory: bridges, interrupt window, remapping unit, memory map.
 * One request and one outcome are reused for all; the answer stands in the fields until the next call.
 *
 * A request takes no time: what was sent before a reset has arrived when the reset comes.
 *
 * A posted write that is refused on its way ends as `success`: PCI Express has no completion that could tell its
 * sender. Requests to device registers (peer to peer) end at the memory map: they are told to the observer as
 * reaching `mmio`, writes change no register and reads give all ones.
 */
export class DmaPath {
  /** The last request, made again now, would change nothing but counters and the bytes it writes. */
  steady = false;
  /** Bytes from the last request's address for which its answer holds. */
  validFor = 0;
  /** Owner of the memory that the last request reached. */
  owner: MemoryOwner = 'none';
  /** What the last dword read gave. */
  dword = 0;
  /** How many requests the last {@link transferMany} made. */
  made = 0;
  readonly #parts: DmaPathParts;
  readonly #path: UpstreamPath;
  readonly #translation: RequestTranslation = new RequestTranslation();
  readonly #header: TlpHeader = newTlpHeader();
  #status: CompletionStatus = Completion.success;
  /** The last request met a fault that the next one may not meet. */
  #spoilt = false;
  /** Only requests that reach memory are to be made in one step. */
  #single = false;
  #holds = false;
  /** What {@link Containment.isShared} said, by function index, as long as it holds. */
  readonly #shared: Int8Array;

  constructor(parts: DmaPathParts) {
    this.#parts = parts;
    this.#path = new UpstreamPath(parts.hierarchy);
    this.#shared = new Int8Array(parts.hierarchy.functions.length).fill(UNKNOWN);
  }

  /** Until {@link release} nothing but requests happens: what bridges let through needs to be looked at once. */
  hold(): void {
    this.#path.remember();
    this.#holds = true;
  }

  /** Registers and links may change. */
  release(): void {
    this.#path.forget();
    this.#holds = false;
    this.#shared.fill(UNKNOWN);
  }

  /** One dword read; its value is in {@link dword}. */
  readDword(master: BusMaster, address: Address): CompletionStatus {
    this.#some(master, address, 4, false, 1, READ_DWORD);
    return this.#status;
  }

  /**
   * Up to `count` more reads of a dword, `stride` bytes apart; returns how many were made. Their values go to `into`
   * or, where that is undefined, they end before the first that would not give `expected`.
   *
   * The last request was a steady read, and its answer or that of one before it holds for all of these: so to look at
   * memory before the request changes nothing.
   */
  readAgain(
    master: BusMaster,
    address: Address,
    stride: number,
    count: number,
    expected: number,
    into: Float64Array | undefined,
  ): number {
    if (!this.steady || this.#status !== Completion.success || count < 1) return 0;
    return readOn(this.#place(), master, address, stride, count, expected, into);
  }

  /**
   * `count` more writes of `length` bytes, `stride` bytes apart: of the dword `value`, or of data if it is negative.
   * The last request was a steady write to memory, and its answer or that of one before it holds for all of these.
   */
  writeAgain(
    master: BusMaster,
    address: Address,
    length: number,
    stride: number,
    count: number,
    value: number,
  ): void {
    if (count > 0) writeOn(this.#place(), master, address, length, stride, count, value);
  }

  #place(): SteadyPlace {
    const { requesterId } = this.#path;
    return { parts: this.#parts, translation: this.#translation, requesterId, owner: this.owner };
  }

  writeDword(master: BusMaster, address: Address, value: number): CompletionStatus {
    this.#some(master, address, 4, true, 1, value >>> 0);
    return this.#status;
  }

  /** Writes the dword after the one just written, which most often goes the same way. */
  writeNext(master: BusMaster, address: Address, value: number): CompletionStatus {
    if (!this.steady || this.#status !== Completion.success || this.validFor < 8 || !isBacked(this.owner)) {
      return this.writeDword(master, address, value);
    }
    const { memory, observer, units } = this.#parts;
    const { fn } = master;
    const { requesterId } = this.#path;
    const { address: before, untranslated, entryAddress } = this.#translation.outcome;
    const unit = units.unit(fn.description.segment, requesterId);
    const physical = before + 4;
    this.validFor -= 4;
    memory.write32(physical, value, master.writer);
    observer.dmaReached(
      fn,
      requesterId,
      address,
      physical,
      this.owner,
      4,
      true,
      untranslated,
      1,
      entryAddress,
      unit,
    );
    return this.#status;
  }

  /**
   * A request like those of {@link transfer}, and as many of `most` as follow it to memory with the same answer;
   * {@link made} tells how many. One that is stopped or refused stays alone: its sender may want to stop there.
   */
  transferMany(
    master: BusMaster,
    address: Address,
    length: number,
    write: boolean,
    most: number,
  ): CompletionStatus {
    this.#single = true;
    this.made = this.#some(master, address, length, write, most, DATA);
    this.#single = false;
    return this.#status;
  }

  /**
   * `repeat` requests of `length` bytes at rising addresses inside one page, of data that nobody looks at.
   * Requests after a steady one to which its answer applies are made in one step.
   */
  transfer(
    master: BusMaster,
    address: Address,
    length: number,
    write: boolean,
    repeat: number,
  ): CompletionStatus {
    let at = address;
    let left = repeat;
    while (left > 0) {
      const made = this.#some(master, at, length, write, left, DATA);
      at += made * length;
      left -= made;
    }
    return this.#status;
  }

  /**
   * Makes one request or as many of `repeat` as have the same answer; returns how many.
   * `value`: the dword to write, or DATA, or READ_DWORD.
   */
  #some(
    master: BusMaster,
    address: Address,
    length: number,
    write: boolean,
    repeat: number,
    value: number,
  ): number {
    const parts = this.#parts;
    const fn = master.fn;
    const changesBefore = parts.errors.changes;
    this.owner = 'none';
    this.dword = ALL_ONES;
    this.#spoilt = false;
    this.validFor = PAGE_SIZE - (address & (PAGE_SIZE - 1));
    let made = repeat;
    let steady = true;
    if (!this.#path.trace(fn)) {
      made = this.#stopped(master, address, length, write, this.#single ? 1 : repeat);
    } else if (address >= INTERRUPT_WINDOW.start && address < INTERRUPT_WINDOW.end) {
      this.#interruptWindow(master, address, length, write, value);
      made = 1;
      steady = false;
    } else {
      const unit = parts.units.unit(fn.description.segment, this.#path.requesterId);
      const outcome = this.#translation.answer(master, unit, this.#path.requesterId, address, length, write);
      this.validFor = Math.min(this.validFor, Math.max(outcome.validFor, length));
      steady = outcome.steady;
      made = steady ? Math.min(repeat, Math.max(1, Math.floor(this.validFor / length))) : 1;
      if (this.#single && !outcome.allowed) made = 1;
      if (!outcome.allowed) this.#refused(master, address, length, write, made, unit as RemappingUnit);
      else made = this.#reached(master, address, length, write, made, value, unit);
    }
    this.steady =
      steady &&
      !this.#spoilt &&
      parts.errors.changes === changesBefore &&
      !parts.containment.isPending &&
      !this.#isShared(fn);
    // The answer's range is told from the last request made.
    if (made > 1) this.validFor -= (made - 1) * length;
    return made;
  }

  #isShared(fn: PcieFunction): boolean {
    const known = this.#shared[fn.index] as number;
    if (known !== UNKNOWN) return known === 1;
    const shared = this.#parts.containment.isShared(fn);
    if (this.#holds) this.#shared[fn.index] = shared ? 1 : 0;
    return shared;
  }

  /** Not even at the root complex: never sent, or answered by a closed bridge. */
  #stopped(master: BusMaster, address: Address, length: number, write: boolean, repeat: number): number {
    const { errors, observer, containment } = this.#parts;
    const { why, bridge, requesterId } = this.#path;
    if (why === undefined) return repeat;
    if (bridge === undefined) {
      observer.dmaStopped(master.fn, bridge, requesterId, address, write, why, repeat);
      this.#status = Completion.notMaster;
      return repeat;
    }
    memoryRequestHeader(this.#header, requesterId, address, length, write);
    const changesBefore = errors.changes;
    observer.dmaStopped(master.fn, bridge, requesterId, address, write, why, 1);
    const known = errors.closedBridge(bridge, master.fn, this.#header, !write, 1);
    this.#status = known ? Completion.unsupportedRequest : Completion.success;
    if (repeat === 1 || errors.changes !== changesBefore || containment.isPending) return 1;
    // The log is as full as it gets: the rest are messages alone.
    observer.dmaStopped(master.fn, bridge, requesterId, address + length, write, why, repeat - 1);
    errors.closedBridge(bridge, master.fn, this.#header, !write, repeat - 1);
    return repeat;
  }

  /** Writes of one dword to 0xFEExxxxx are interrupts, whatever the tables say; nothing else is possible there. */
  #interruptWindow(master: BusMaster, address: Address, length: number, write: boolean, value: number): void {
    const fn = master.fn;
    this.owner = 'interrupt-window';
    if (write && length === 4 && address % 4 === 0) {
      const data = value >= 0 ? value : (((master.seed ^ (address / PAGE_SIZE)) & 0xff) * 0x0101_0101) >>> 0;
      this.#parts.interrupts.deliver(fn, this.#path.requesterId, address, data);
      this.#status = Completion.success;
      return;
    }
    this.#parts.observer.unroutable(fn, this.#path.requesterId, address, address, write, false, 1);
    this.#masterAbort(master, write, 1);
  }

  #refused(
    master: BusMaster,
    address: Address,
    length: number,
    write: boolean,
    made: number,
    unit: RemappingUnit,
  ): void {
    const { observer, platform, errors } = this.#parts;
    const { reason, entryAddress } = this.#translation.outcome;
    const fn = master.fn;
    observer.dmaRefused(fn, this.#path.requesterId, address, length, write, reason, made, entryAddress, unit);
    // Without a reason it is no fault: protected memory, or a unit told to refuse everything.
    if (reason !== 0) escalate(observer, platform.remappingFault, 'remapping-fault', fn, reason, made);
    const posted = write && !this.#translation.requestRefused;
    this.#status = posted ? Completion.success : Completion.unsupportedRequest;
    if (!posted) errors.receivedMasterAbort(fn);
  }

  #reached(
    master: BusMaster,
    address: Address,
    length: number,
    write: boolean,
    allowed: number,
    value: number,
    unit: RemappingUnit | undefined,
  ): number {
    const { memory, observer, hierarchy, faults } = this.#parts;
    const { address: physical, untranslated, entryAddress } = this.#translation.outcome;
    const fn = master.fn;
    const region = memory.map.regionAt(physical);
    // All that is made in one step reaches the same owner.
    const room = memory.map.nextBoundary(physical) - physical;
    this.validFor = Math.min(this.validFor, Math.max(room, length));
    let made = Math.min(allowed, Math.max(1, Math.floor(room / length)));
    const owner = region?.owner ?? 'none';
    const backed = isBacked(owner);
    if (!backed && this.#single) made = 1;
    if (!backed && (owner !== 'mmio' || hierarchy.routeMemory(physical) === undefined)) {
      observer.unroutable(fn, this.#path.requesterId, address, physical, write, untranslated, made);
      this.#masterAbort(master, write, made);
      return made;
    }
    this.owner = owner;
    this.#status = Completion.success;
    if (!write && faults.isPlanned(fn)) {
      this.#status = faults.take(fn);
      this.#spoilt = true;
      made = 1;
    } else if (backed) {
      if (value >= 0) memory.write32(physical, value, master.writer);
      else if (write) memory.writePattern(physical, made * length, master.seed, master.writer);
      else if (value === READ_DWORD) this.dword = memory.read32(physical);
    }
    observer.dmaReached(
      fn,
      this.#path.requesterId,
      address,
      physical,
      owner,
      made * length,
      write,
      untranslated,
      made,
      entryAddress,
      unit,
    );
    return made;
  }

  /** Nothing claims the request: the root complex drops a write and completes a read with Unsupported Request. */
  #masterAbort(master: BusMaster, write: boolean, made: number): void {
    const { observer, platform, errors } = this.#parts;
    if (platform.masterAbortIsSystemError) {
      escalate(observer, platform.systemError, 'master-abort', master.fn, write ? 1 : 0, made);
    }
    this.#status = write ? Completion.success : Completion.unsupportedRequest;
    if (!write) errors.receivedMasterAbort(master.fn);
  }
}

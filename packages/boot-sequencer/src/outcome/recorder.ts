import { segmentedName } from '@quiesce/machine';
import {
  type FabricObserver,
  type PcieFunction,
  SilentObserver,
  type SystemErrorCause,
  type SystemErrorKind,
} from '@quiesce/pcie-model';
import {
  type Address,
  type MemoryOwner,
  type Nanoseconds,
  PAGE_SIZE,
  type RemappingUnit,
} from '@quiesce/simulation';
import type { Phase } from '@quiesce/strategy';
import { BufferRegistry } from './buffer-registry.ts';
import { CorruptionLedger } from './corruption-ledger.ts';
import { FaultTally } from './fault-tally.ts';

/** What the running kernel wants to be told of the fabric. */
export interface KernelEvents {
  /** A message-signalled interrupt arrived at a processor. */
  interrupt(fn: PcieFunction, vector: number, destination: number, repeat: number): void;
  /** INTx reached the I/O APIC. */
  pin(fn: PcieFunction, asserted: boolean): void;
  systemError(kind: SystemErrorKind, cause: SystemErrorCause, source: PcieFunction | undefined): void;
  /** An ERR_* message was taken by a root port that asks for an AER interrupt. */
  aer(rootPort: PcieFunction, sourceId: number, severity: 'correctable' | 'nonfatal' | 'fatal'): void;
}

/** Owners whose memory stands in the dump. */
export const dumpedOwners: readonly MemoryOwner[] = [
  'first-kernel',
  'dump-relevant',
  'dma-buffer',
  'low-640k',
];

/**
 * Listens to the fabric and books what happens from the panic to the end of the dump: the outcome follows from this
 * alone.
 */
export class Recorder extends SilentObserver implements FabricObserver {
  phase: Phase = 'first_kernel';
  /** Time of the transaction under way. */
  clock: { readonly now: Nanoseconds } = { now: 0 };
  events: KernelEvents | undefined;
  readonly buffers: BufferRegistry = new BufferRegistry();
  readonly dmaFaults: FaultTally = new FaultTally();
  readonly interruptFaults: FaultTally = new FaultTally();
  readonly corruption: CorruptionLedger = new CorruptionLedger();
  systemErrors = 0;
  /** What leftover DMA wrote into dumped memory while the dump was being written, bytes. */
  alteredWhileDumping = 0;
  /** Where the second kernel was loaded; the end is exclusive. */
  image: { readonly start: Address; readonly end: Address } = { start: 0, end: 0 };
  /** Leftover DMA overwrote what the second kernel was loaded as: code, read-only data, its initramfs. */
  spoiltImage = false;
  /** Leftover DMA overwrote a buffer of one of the second kernel's devices while the dump went through them. */
  spoiltDumpBuffers = false;
  /** Old traffic that reached its own old buffers since the crash, bytes. */
  leftoverBytes = 0;
  /** When DMA that firmware started last reached its reserved memory, by function index. */
  readonly firmwareReachedAt: Map<number, Nanoseconds> = new Map();
  readonly #untranslated = new Map<number, number>();
  /** Page frames that {@link alteredWhileDumping} is about. */
  readonly #alteredFrames = new Set<number>();
  #lastAltered = -1;
  #dmaFaultsSeen = 0;

  /** Distinct pages of dumped memory that leftover DMA wrote while the dump was being written. */
  get pagesAlteredWhileDumping(): number {
    return this.#alteredFrames.size;
  }

  /** The machine has run on until `now`. */
  ranUntil(now: Nanoseconds): void {
    const { total } = this.dmaFaults;
    if (total === this.#dmaFaultsSeen) return;
    this.#dmaFaultsSeen = total;
    this.dmaFaults.lastAt = now;
  }

  /** Neither the first kernel's life nor what comes after the dump. */
  get #books(): boolean {
    return this.phase !== 'first_kernel' && this.phase !== 'reboot';
  }

  override dmaRefused(
    fn: PcieFunction,
    requesterId: number,
    address: Address,
    _bytes: number,
    write: boolean,
    reason: number,
    repeat: number,
    entryAddress: Address,
    unit: RemappingUnit,
  ): void {
    if (!this.#books) return;
    const { segment } = fn.description;
    if (this.dmaFaults.addKnown(segment, requesterId, reason, this.phase, repeat)) return;
    this.#firstRefusal(segment, requesterId, address, write, reason, repeat, entryAddress, unit);
  }

  #firstRefusal(
    segment: number,
    requesterId: number,
    address: Address,
    write: boolean,
    reason: number,
    repeat: number,
    entryAddress: Address,
    unit: RemappingUnit,
  ): void {
    if (this.dmaFaults.firstAt < 0) this.dmaFaults.firstAt = this.clock.now;
    this.dmaFaults.add(segment, requesterId, reason, this.phase, repeat, (name) => {
      const request = `${name} ${write ? 'write' : 'read'} 0x${address.toString(16)}`;
      return `${request} -> ${unit.name}, ${entryName(entryAddress)} -> refused`;
    });
  }

  override dmaReached(
    fn: PcieFunction,
    requesterId: number,
    ioAddress: Address,
    physicalAddress: Address,
    owner: MemoryOwner,
    bytes: number,
    write: boolean,
    untranslated: boolean,
    repeat: number,
    entryAddress: Address,
  ): void {
    if (!this.#books) return;
    const kernel = this.buffers.givenTo(fn.index, physicalAddress);
    if (kernel === 2) return;
    if (kernel === 'firmware') {
      this.firmwareReachedAt.set(fn.index, this.clock.now);
      return;
    }
    if (kernel === 1 && (owner !== 'cma' || this.phase === 'crash' || this.phase === 'purgatory')) {
      if (!write) return;
      this.leftoverBytes += bytes;
      if (this.phase === 'dump') this.#altered(physicalAddress, bytes);
      return;
    }
    if (untranslated) this.#countUntranslated(fn, requesterId, repeat);
    if (!write || this.buffers.isGivenUp(physicalAddress)) return;
    if (this.phase === 'dump') {
      if (dumpedOwners.includes(owner)) this.#altered(physicalAddress, bytes);
      this.spoiltDumpBuffers ||= this.buffers.isGivenBySecondKernel(physicalAddress);
    }
    this.spoiltImage ||= physicalAddress >= this.image.start && physicalAddress < this.image.end;
    this.corruption.add({
      segment: fn.description.segment,
      requesterId,
      owner,
      bytes,
      ioAddress,
      physicalAddress,
      entryAddress,
      untranslated,
      phase: this.phase,
    });
  }

  override unroutable(...args: Parameters<FabricObserver['unroutable']>): void {
    const [fn, requesterId, , , , untranslated, repeat] = args;
    if (!this.#books || !untranslated) return;
    this.#countUntranslated(fn, requesterId, repeat);
  }

  override interruptDelivered(...args: Parameters<FabricObserver['interruptDelivered']>): void {
    const [fn, , vector, destination, , repeat] = args;
    this.events?.interrupt(fn, vector, destination, repeat);
  }

  override interruptBlocked(
    fn: PcieFunction,
    requesterId: number,
    address: Address,
    data: number,
    reason: number,
    index: number,
    repeat: number,
    unit: RemappingUnit,
  ): void {
    if (!this.#books) return;
    const { now } = this.clock;
    if (this.interruptFaults.firstAt < 0) this.interruptFaults.firstAt = now;
    this.interruptFaults.lastAt = now;
    this.interruptFaults.add(fn.description.segment, requesterId, reason, this.phase, repeat, (name) => {
      const message = `${name} message 0x${address.toString(16)} data 0x${data.toString(16)}`;
      const entry = index < 0 ? 'no entry' : `interrupt entry ${index}`;
      return `${message} -> ${unit.name}, ${entry} -> refused`;
    });
  }

  override intxAsserted(fn: PcieFunction): void {
    this.events?.pin(fn, true);
  }

  override intxDeasserted(fn: PcieFunction): void {
    this.events?.pin(fn, false);
  }

  override errorMessage(...args: Parameters<FabricObserver['errorMessage']>): void {
    const [rootPort, sourceId, severity, interrupt] = args;
    if (interrupt) this.events?.aer(rootPort, sourceId, severity);
  }

  override systemError(...args: Parameters<FabricObserver['systemError']>): void {
    const [kind, cause, source, , repeat] = args;
    if (this.#books) this.systemErrors += repeat;
    this.events?.systemError(kind, cause, source);
  }

  /** Requests that went out with translation off, by requester. */
  untranslated(): { total: number; byRequester: Record<string, number> } {
    const byRequester: Record<string, number> = {};
    let total = 0;
    for (const key of [...this.#untranslated.keys()].sort((a, b) => a - b)) {
      const count = this.#untranslated.get(key) as number;
      byRequester[segmentedName(Math.floor(key / 0x1_0000), key & 0xffff)] = count;
      total += count;
    }
    return { total, byRequester };
  }

  #altered(address: Address, bytes: number): void {
    this.alteredWhileDumping += bytes;
    const frame = Math.floor(address / PAGE_SIZE);
    if (frame === this.#lastAltered) return;
    this.#lastAltered = frame;
    this.#alteredFrames.add(frame);
  }

  #countUntranslated(fn: PcieFunction, requesterId: number, repeat: number): void {
    const key = fn.description.segment * 0x1_0000 + requesterId;
    this.#untranslated.set(key, (this.#untranslated.get(key) ?? 0) + repeat);
  }
}

function entryName(address: Address): string {
  return address === 0 ? 'no entry' : `entry at 0x${address.toString(16)}`;
}

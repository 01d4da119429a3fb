import {
  type Address,
  type MemoryAccess,
  NO_PASID,
  type RegisterFile,
  type RunningHash,
  type Snapshottable,
} from '@quiesce/simulation';
import type { UnitCaches } from '../cache/unit-caches.ts';
import { EventMessage, type EventSink } from '../fault-recording/event-message.ts';
import type { FaultRecorder } from '../fault-recording/fault-recorder.ts';
import type { Capability } from '../registers/capability.ts';
import { registerOffset } from '../registers/register-block.ts';
import {
  CONTEXT_CACHE_INVALIDATE,
  DEVICE_TLB_INVALIDATE,
  descriptorAddress,
  descriptorAddressMask,
  descriptorDomainId,
  descriptorGranularity,
  descriptorPasid,
  descriptorSourceId,
  descriptorType,
  INTERRUPT_ENTRY_INVALIDATE,
  INVALIDATION_WAIT,
  IOTLB_INVALIDATE,
  PAGE_GROUP_RESPONSE,
  PASID_CACHE_INVALIDATE,
  PASID_DEVICE_TLB_INVALIDATE,
} from '../tables/invalidation-descriptor.ts';
import {
  invalidationQueueAddress,
  invalidationQueueBytes,
  invalidationQueueWide,
} from '../tables/table-registers.ts';
import { failed, type TableAccess } from '../walk/entry-access.ts';
import {
  descriptorError,
  IQEI_FETCH,
  IQEI_RESERVED,
  IQEI_TAIL,
  IQEI_TAIL_ALIGNMENT,
} from './descriptor-words.ts';
import { functionMaskBits } from './register-invalidation.ts';

/** FSTS.IQE */
const QUEUE_ERROR = 0x10;
/** FSTS.ITE */
const TIME_OUT = 0x40;
const WAIT_COMPLETE = 0x1;

/** What the queue reaches outside of the unit. */
export interface InvalidationSinks {
  /**
   * An ATS invalidation goes to the device of `requesterId`, for all addresses of `sizeBytes` from `address`
   * (`Infinity`: everything). It answers `false` if no completion ever comes, which becomes an invalidation time-out.
   */
  readonly onDeviceTlbInvalidate?:
    | ((requesterId: number, address: Address, sizeBytes: number, pasid: number) => unknown)
    | undefined;
  /** A page group response (type 9) for a device. */
  readonly onPageGroupResponse?:
    | ((requesterId: number, pasid: number, group: number, code: number) => void)
    | undefined;
  readonly onInvalidationEvent?: EventSink | undefined;
}

/**
 * Queued invalidation (VT-d 6.5.2): hardware fetches descriptors from IQH to IQT and carries them out in order, within
 * the write of IQT. A descriptor that is wrong freezes the queue until software clears FSTS.IQE.
 */
export class InvalidationQueue implements Snapshottable<boolean> {
  enabled = false;
  readonly #registers: RegisterFile;
  readonly #access: TableAccess;
  readonly #memory: MemoryAccess;
  readonly #caches: UnitCaches;
  readonly #recorder: FaultRecorder;
  readonly #sinks: InvalidationSinks;
  /** CAP.MAMV */
  readonly #largestMask: number;
  readonly #event: EventMessage;
  readonly #words: Uint32Array = new Uint32Array(8);
  /** A time-out has been seen: the next wait descriptor is given up. */
  #abandon = false;

  constructor(
    registers: RegisterFile,
    access: TableAccess,
    caches: UnitCaches,
    recorder: FaultRecorder,
    sinks: InvalidationSinks,
    capability: Capability,
  ) {
    this.#registers = registers;
    this.#largestMask = capability.maximumAddressMask;
    this.#access = access;
    this.#memory = access.memory;
    this.#caches = caches;
    this.#recorder = recorder;
    this.#sinks = sinks;
    this.#event = new EventMessage(registers, registerOffset.IECTL, sinks.onInvalidationEvent);
    registers.onWrite(registerOffset.IQT, 32, () => this.run());
    registers.onWrite(registerOffset.ICS, 32, () => {
      if ((registers.peek32(registerOffset.ICS) & WAIT_COMPLETE) === 0) this.#event.withdraw();
    });
  }

  /** GCMD.QIE. The head goes back to 0 when the queue is switched off (VT-d 10.4.21). */
  setEnabled(on: boolean): void {
    this.enabled = on;
    if (on) this.run();
    else {
      this.#registers.poke32(registerOffset.IQH, 0);
      this.#abandon = false;
    }
  }

  /** Carries out what is between head and tail. */
  run(): void {
    if (!this.enabled) return;
    const file = this.#registers;
    const base = file.peek32(registerOffset.IQA);
    const queue = invalidationQueueAddress(base, file.peek32(registerOffset.IQA + 4));
    const bytes = invalidationQueueBytes(base);
    const wide = invalidationQueueWide(base);
    const step = wide ? 32 : 16;
    const tail = file.peek32(registerOffset.IQT);
    let head = file.peek32(registerOffset.IQH);
    while (head !== tail) {
      if ((file.peek32(registerOffset.FSTS) & QUEUE_ERROR) !== 0) return;
      if (this.#timedOut() && !this.#abandon) return;
      let error = 0;
      if (tail >= bytes) error = IQEI_TAIL;
      else if (tail % step !== 0) error = IQEI_TAIL_ALIGNMENT;
      else error = this.#fetch(queue + head, wide);
      if (error === 0) error = this.#execute();
      if (error !== 0) {
        file.poke32(registerOffset.IQERCD, error);
        this.#recorder.setStatus(QUEUE_ERROR);
        return;
      }
      head = (head + step) % bytes;
      file.poke32(registerOffset.IQH, head);
    }
  }

  snapshot(): boolean {
    return this.#abandon;
  }

  restore(state: boolean): void {
    this.#abandon = state;
  }

  hashInto(hash: RunningHash): void {
    hash.word((this.enabled ? 1 : 0) | (this.#abandon ? 2 : 0));
  }

  #timedOut(): boolean {
    return (this.#registers.peek32(registerOffset.FSTS) & TIME_OUT) !== 0;
  }

  #fetch(address: Address, wide: boolean): number {
    const words = this.#words;
    for (let i = 0; i < 8; i++) words[i] = i < 4 || wide ? this.#memory.read32(address + 4 * i) : 0;
    if (failed(this.#access, words[0] as number, words[1] as number, address)) return IQEI_FETCH;
    return descriptorError(words, wide);
  }

  #execute(): number {
    const [w0, w1, w2, w3] = this.#words as unknown as readonly [number, number, number, number];
    const { contexts, pasids, interrupts } = this.#caches;
    const domain = descriptorDomainId(w0);
    const granularity = descriptorGranularity(w0);
    switch (descriptorType(w0)) {
      case CONTEXT_CACHE_INVALIDATE:
        if (granularity === 0) return IQEI_RESERVED;
        if (granularity === 1) contexts.invalidateAll();
        else if (granularity === 2) contexts.invalidateDomain(domain);
        else {
          const ignored = functionMaskBits[((w1 >>> 16) & 3) as 0 | 1 | 2 | 3];
          contexts.invalidateDevice(descriptorSourceId(w1), ignored, domain);
        }
        return 0;
      case IOTLB_INVALIDATE:
        return this.#invalidateTlb(granularity, domain, NO_PASID, w2, w3);
      case DEVICE_TLB_INVALIDATE:
        this.#invalidateDevice(descriptorSourceId(w1), descriptorAddress(w2, w3), (w2 & 1) !== 0, NO_PASID);
        return 0;
      case INTERRUPT_ENTRY_INVALIDATE:
        if ((w0 & 0x10) === 0) interrupts.invalidateAll();
        else {
          const count = 2 ** (w0 >>> 27);
          const index = w1 & 0xffff;
          interrupts.invalidate(Math.floor(index / count) * count, count);
        }
        return 0;
      case INVALIDATION_WAIT:
        this.#wait(w0, w1, w2, w3);
        return 0;
      case PASID_CACHE_INVALIDATE:
        if (granularity === 2) return IQEI_RESERVED;
        if (granularity === 3) pasids.invalidateAll();
        else pasids.invalidate(domain, granularity === 1 ? descriptorPasid(w1) : -1);
        return 0;
      case PASID_DEVICE_TLB_INVALIDATE:
        this.#invalidateDevice(
          w0 >>> 16,
          descriptorAddress(w2, w3),
          (w2 & 0x800) !== 0,
          (w2 & 1) !== 0 ? NO_PASID : descriptorPasid(w1),
        );
        return 0;
      case PAGE_GROUP_RESPONSE:
        this.#sinks.onPageGroupResponse?.(
          w0 >>> 16,
          (w0 & 0x10) !== 0 ? descriptorPasid(w1) : NO_PASID,
          (w2 >>> 3) & 0x1ff,
          (w0 >>> 12) & 0xf,
        );
        return 0;
      default:
        if (granularity < 2) return IQEI_RESERVED;
        return this.#invalidateTlb(granularity, domain, descriptorPasid(w1), w2, w3);
    }
  }

  #invalidateTlb(granularity: number, domain: number, pasid: number, w2: number, w3: number): number {
    const { tlb } = this.#caches;
    if (granularity === 0) return IQEI_RESERVED;
    if (granularity === 1) tlb.invalidateAll();
    else if (granularity === 3) {
      const mask = descriptorAddressMask(w2);
      // As through the registers (VT-d 10.4.8.2): more than CAP.MAMV is not carried out.
      if (mask > this.#largestMask) return IQEI_RESERVED;
      tlb.invalidatePages(domain, pasid, descriptorAddress(w2, w3), mask);
    } else if (pasid === NO_PASID) tlb.invalidateDomain(domain);
    else tlb.invalidatePasid(domain, pasid);
    return 0;
  }

  /** The lowest clear bit of an address with the size flag tells the range (PCIe 10.3.1). */
  #invalidateDevice(requesterId: number, address: Address, size: boolean, pasid: number): void {
    let bytes = 4096;
    let start = address;
    if (size) {
      bytes = 8192;
      while (Math.floor(address / (bytes / 2)) % 2 === 1 && bytes < 2 ** 52) bytes *= 2;
      start = Math.floor(address / bytes) * bytes;
      if (bytes >= 2 ** 52) {
        start = 0;
        bytes = Number.POSITIVE_INFINITY;
      }
    }
    if (this.#sinks.onDeviceTlbInvalidate?.(requesterId, start, bytes, pasid) !== false) return;
    this.#abandon = true;
    this.#registers.poke16(registerOffset.IQERCD + 4, requesterId);
    this.#recorder.setStatus(TIME_OUT);
  }

  /** Everything before it is already done, so a fence changes nothing here (VT-d 6.5.2.8). */
  #wait(w0: number, data: number, w2: number, w3: number): void {
    if (this.#abandon) {
      this.#abandon = false;
      return;
    }
    if ((w0 & 0x20) !== 0) {
      this.#memory.write32((w3 & 0x000f_ffff) * 0x1_0000_0000 + w2, data, this.#access.writer);
    }
    if ((w0 & 0x10) === 0) return;
    const status = this.#registers.peek32(registerOffset.ICS);
    this.#registers.poke32(registerOffset.ICS, status | WAIT_COMPLETE);
    if ((status & WAIT_COMPLETE) === 0) this.#event.raise();
  }
}

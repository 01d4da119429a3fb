import { type Address, PAGE_SIZE, type WriterId } from '@quiesce/simulation';
import type { RemappingUnitHandle } from '@quiesce/strategy';
import {
  invalidateAllContexts,
  invalidateAllInterruptEntries,
  invalidateAllTranslations,
  invalidateDeviceContext,
  invalidateDeviceTlb,
  invalidateDomainTranslations,
  invalidatePasidCache,
  invalidationQueueRegister,
  LEGACY_MODE,
  PASID_CACHE_GLOBAL,
  rootTableRegister,
  SCALABLE_MODE,
  waitDescriptor,
  writeWords,
} from '@quiesce/vtd-iommu';
import type { PagePool } from '../../kernel/page-pool.ts';
import { ENABLE_BITS, Global, VTD } from './register-offsets.ts';

/** Polls of a status register before a driver calls its hardware broken (Linux waits 10 s). */
const POLL_LIMIT = 1000;
/** In a device-TLB invalidation with the size flag: 2^52 pages of 4 KiB. */
const EVERY_PAGE = 0x7fff_ffff * 2 ** 32 + 0xffff_f000;
/** Bytes of the queue: one page of 128-bit descriptors, or two of 256-bit ones, as Linux chooses. */
const DESCRIPTORS = 256;

/** One remapping unit as a kernel drives it: the command shadow, handshakes and invalidations. */
export class UnitDriver {
  readonly handle: RemappingUnitHandle;
  /** The driver's idea of what is enabled; every command restates it. */
  shadow = 0;
  readonly capabilityLow: number;
  readonly capabilityHigh: number;
  readonly extendedLow: number;
  readonly extendedHigh: number;
  readonly #pages: PagePool;
  readonly #writer: WriterId;
  readonly #onBroken: (what: string) => void;
  #queue: { address: Address; status: Address; tail: number; descriptorBytes: number } | undefined;

  constructor(
    handle: RemappingUnitHandle,
    pages: PagePool,
    writer: WriterId,
    onBroken: (what: string) => void,
  ) {
    this.handle = handle;
    this.#pages = pages;
    this.#writer = writer;
    this.#onBroken = onBroken;
    this.capabilityLow = handle.read32(VTD.capability);
    this.capabilityHigh = handle.read32(VTD.capability + 4);
    this.extendedLow = handle.read32(VTD.extendedCapability);
    this.extendedHigh = handle.read32(VTD.extendedCapability + 4);
  }

  get status(): number {
    return this.handle.read32(VTD.globalStatus);
  }

  get translationOn(): boolean {
    return (this.status & Global.translation) !== 0;
  }

  get interruptRemappingOn(): boolean {
    return (this.status & Global.interruptRemapping) !== 0;
  }

  /** ECAP.IR */
  get canRemapInterrupts(): boolean {
    return (this.extendedLow & 8) !== 0;
  }

  /** ECAP.SMTS */
  get canScale(): boolean {
    return (this.extendedHigh & (1 << 11)) !== 0;
  }

  /** ECAP.ECS of VT-d 2.x: the extended mode that was withdrawn. */
  get hasExtendedContexts(): boolean {
    return (this.extendedLow & 0x0100_0000) !== 0;
  }

  /** ECAP.DT: translation requests are answered, and device-TLBs invalidated. */
  get supportsDeviceTlb(): boolean {
    return (this.extendedLow & 4) !== 0;
  }

  /** ECAP.PT */
  get canPassThrough(): boolean {
    return (this.extendedLow & 0x40) !== 0;
  }

  /** CAP.CM: what is not present is cached, too, under domain ID 0. */
  get cachesNotPresent(): boolean {
    return (this.capabilityLow & 0x80) !== 0;
  }

  /** Domain IDs that the unit has (CAP.ND). */
  get domainIds(): number {
    return 2 ** (4 + 2 * (this.capabilityLow & 7));
  }

  /** Levels of the widest page table that the unit supports. */
  get widestLevels(): 3 | 4 | 5 {
    const supported = (this.capabilityLow >>> 8) & 0x1f;
    if ((supported & 8) !== 0) return 5;
    return (supported & 4) !== 0 ? 4 : 3;
  }

  /** Levels of page table that the driver chooses: the widest supported one below 5. */
  get levels(): 3 | 4 | 5 {
    const supported = (this.capabilityLow >>> 8) & 0x1f;
    if ((supported & 4) !== 0) return 4;
    return (supported & 2) !== 0 ? 3 : 5;
  }

  /** The shadow starts from what the hardware says. */
  syncShadow(): void {
    this.shadow = (this.status & ENABLE_BITS) >>> 0;
  }

  /** Turns one enable bit on. */
  enable(bit: number): void {
    this.shadow = (this.shadow | bit) >>> 0;
    this.#command(this.shadow, bit, true);
  }

  /** Turns one enable bit off; whatever the shadow does not know goes off with it. */
  disable(bit: number): void {
    this.shadow = (this.shadow & ~bit) >>> 0;
    this.#command(this.shadow, bit, false);
  }

  /** One-shot command, the enable bits restated as the shadow has them. */
  #pulse(bit: number): void {
    this.#command((this.shadow | bit) >>> 0, bit, true);
  }

  #command(value: number, bit: number, set: boolean): void {
    this.handle.write32(VTD.globalCommand, value);
    for (let polls = 0; polls < POLL_LIMIT; polls++) {
      if (((this.status & bit) !== 0) === set) return;
    }
    this.#onBroken(`${this.handle.name}: DMAR hardware is malfunctioning`);
  }

  /** Points the unit at a root table and flushes what it has cached. */
  setRootTable(address: Address, scalable: boolean): void {
    const { low, high } = rootTableRegister(address, scalable ? SCALABLE_MODE : LEGACY_MODE);
    this.handle.write32(VTD.rootTable, low);
    this.handle.write32(VTD.rootTable + 4, high);
    this.#pulse(Global.setRootTable);
    this.invalidateEverything(scalable);
  }

  setInterruptTable(low: number, high: number): void {
    this.handle.write32(VTD.interruptTable, low);
    this.handle.write32(VTD.interruptTable + 4, high);
    this.#pulse(Global.setInterruptTable);
    if (this.#queue !== undefined) this.#submit(invalidateAllInterruptEntries());
  }

  /** Invalidations go through a queue in memory, not through registers. */
  get queued(): boolean {
    return this.#queue !== undefined;
  }

  /** A fresh queue; whatever queue the unit had before is given up (dmar_disable_qi, dmar_enable_qi). */
  enableQueue(): void {
    if ((this.extendedLow & 2) === 0 || this.#queue !== undefined) return;
    if ((this.status & Global.queuedInvalidation) !== 0) this.disable(Global.queuedInvalidation);
    // Units that can scale take descriptors of 256 bits (IQA.DW).
    const wide = this.canScale;
    const address = this.#pages.allocate(wide ? 2 : 1);
    const status = this.#pages.allocate();
    this.handle.write32(VTD.queueTail, 0);
    this.handle.write32(VTD.queueTail + 4, 0);
    const { low, high } = invalidationQueueRegister(address, wide ? 2 : 1, wide);
    this.handle.write32(VTD.queueAddress, low);
    this.handle.write32(VTD.queueAddress + 4, high);
    this.enable(Global.queuedInvalidation);
    this.#queue = { address, status, tail: 0, descriptorBytes: wide ? 32 : 16 };
  }

  invalidateEverything(scalable = false): void {
    if (this.#queue !== undefined) {
      this.#submit(invalidateAllContexts());
      if (scalable) this.#submit(invalidatePasidCache(PASID_CACHE_GLOBAL));
      this.#submit(invalidateAllTranslations());
      return;
    }
    this.handle.write32(VTD.contextCommand, 0);
    this.handle.write32(VTD.contextCommand + 4, 0xa000_0000);
    const iotlb = ((this.extendedLow >>> 8) & 0x3ff) * 16 + 8;
    this.handle.write32(iotlb, 0);
    this.handle.write32(iotlb + 4, 0x9003_0000);
  }

  /** What is cached of one requester's context entry, and of translations, under a domain ID. */
  invalidateDevice(domainId: number, requesterId: number): void {
    if (this.#queue !== undefined) {
      this.#submit(invalidateDeviceContext(domainId, requesterId));
      this.#submit(invalidateDomainTranslations(domainId));
      return;
    }
    this.handle.write32(VTD.contextCommand, ((requesterId << 16) | domainId) >>> 0);
    this.handle.write32(VTD.contextCommand + 4, 0xe000_0000);
    const iotlb = ((this.extendedLow >>> 8) & 0x3ff) * 16 + 8;
    this.handle.write32(iotlb, 0);
    this.handle.write32(iotlb + 4, (0xa003_0000 | domainId) >>> 0);
  }

  /** One requester's context entry, and with it every PASID entry and translation, whatever domain IDs they have. */
  invalidateDeviceAndAllPasids(requesterId: number): void {
    this.#submit(invalidateDeviceContext(0, requesterId));
    this.#submit(invalidatePasidCache(PASID_CACHE_GLOBAL));
    this.#submit(invalidateAllTranslations());
  }

  /** All that a function keeps in its own device-TLB. */
  invalidateDeviceTlb(requesterId: number): void {
    this.#submit(invalidateDeviceTlb(requesterId, EVERY_PAGE, true));
  }

  invalidateInterruptEntries(): void {
    if (this.#queue !== undefined) this.#submit(invalidateAllInterruptEntries());
  }

  #submit(words: readonly number[]): void {
    const queue = this.#queue;
    if (queue === undefined) return;
    const { memory } = this.#pages;
    const sequence = queue.tail + 1;
    this.#enqueue(queue, words);
    this.#enqueue(queue, waitDescriptor(queue.status, sequence));
    this.handle.write32(VTD.queueTail, (queue.tail % DESCRIPTORS) * queue.descriptorBytes);
    if (memory.read32(queue.status) !== sequence) {
      this.#onBroken(`${this.handle.name}: QI: invalidation did not complete`);
    }
  }

  #enqueue(
    queue: { readonly address: Address; tail: number; readonly descriptorBytes: number },
    words: readonly number[],
  ): void {
    const at = queue.address + (queue.tail % DESCRIPTORS) * queue.descriptorBytes;
    const padded = queue.descriptorBytes === 32 ? [...words, 0, 0, 0, 0].slice(0, 8) : words;
    writeWords(this.#pages.memory, at, padded, this.#writer);
    queue.tail++;
  }
}

/** Bytes of the interrupt table that Linux allocates: 65,536 entries. */
export const INTERRUPT_TABLE_ENTRIES = 65_536;
export const INTERRUPT_TABLE_PAGES: number = (INTERRUPT_TABLE_ENTRIES * 16) / PAGE_SIZE;

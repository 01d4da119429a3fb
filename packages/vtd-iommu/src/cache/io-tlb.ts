import { type Address, assert, NO_PASID, type RunningHash, type Snapshottable } from '@quiesce/simulation';
import type { LossEpoch } from './loss-epoch.ts';

const SETS = 1024;
const WAYS = 4;
/** Numbers of a slot: page, key, frame with flags, entry address. */
const FIELDS = 4;
const SET_FIELDS = WAYS * FIELDS;
const KEY = 1;
const FRAME = 2;
const ENTRY = 3;
/** Key: domain id, page size from bit 16, PASID + 1 from bit 18. */
const SIZE_UNIT = 0x1_0000;
const PASID_UNIT = 0x4_0000;
/** A page-selective invalidation of more than this goes through the whole cache rather than page by page. */
const PROBE_BYTES = 64 * 4096;

export const TLB_READ = 1;
export const TLB_WRITE = 2;
export const TLB_USER = 4;
export const TLB_EXECUTE = 8;
/** The dirty flag of the page is known to be set. */
export const TLB_DIRTY = 16;
/** Caching mode: the entry was not present. */
export const TLB_NOT_PRESENT = 32;
/** A privileged write needs no more than this where WPE is clear: no second level forbids it. */
export const TLB_SUPERVISOR_WRITE = 64;
const FLAGS_MASK = 0xff;
const SIZE_SHIFT = 8;

export interface IoTlbState {
  readonly slots: Float64Array;
  readonly victim: Uint8Array;
  readonly sizes: number;
  readonly pasidsUsed: boolean;
}

/**
 * The IO-TLB (VT-d 6.2.4): finished translations, tagged with domain id, PASID where a first level took part, and page.
 * It is not tagged with the source: two requesters with one domain id share its entries, as the specification allows.
 * Fixed size, four ways, replaced in turn; an entry stays until it is invalidated or replaced.
 */
export class IoTlb implements Snapshottable<IoTlbState> {
  /** All slots in one array, so that a lookup touches one cache line. Page -1: free. */
  readonly #slots: Float64Array = new Float64Array(SETS * SET_FIELDS);
  readonly #epoch: LossEpoch;
  readonly #victim: Uint8Array = new Uint8Array(SETS);
  /** Bit n: pages of size n may be present. */
  #sizes = 0;
  /** Entries with a PASID may be present. */
  #pasidsUsed = false;

  constructor(epoch: LossEpoch) {
    this.#epoch = epoch;
    this.#clear();
  }

  /** Slot of the translation, or -1. */
  find(address: Address, domainId: number, pasid: number): number {
    const sizes = this.#sizes;
    const key = pasid === NO_PASID ? domainId : domainId + (pasid + 1) * PASID_UNIT;
    let slot = -1;
    if ((sizes & 1) !== 0) slot = this.#probe(Math.floor(address / 4096), key);
    if (slot >= 0 || sizes < 2) return slot;
    if ((sizes & 2) !== 0) slot = this.#probe(Math.floor(address / 0x20_0000), key + SIZE_UNIT);
    if (slot >= 0 || sizes < 4) return slot;
    return this.#probe(Math.floor(address / 0x4000_0000), key + 2 * SIZE_UNIT);
  }

  flags(slot: number): number {
    return (this.#slots[slot + FRAME] as number) & FLAGS_MASK;
  }

  entryAddress(slot: number): Address {
    return this.#slots[slot + ENTRY] as number;
  }

  /** Bytes of the slot's page. */
  pageBytes(slot: number): number {
    return pageBytesOf(((this.#slots[slot + FRAME] as number) >>> SIZE_SHIFT) & 3);
  }

  /** Physical address that `address`, which lies in the slot's page, leads to. */
  translate(slot: number, address: Address): Address {
    const frame = this.#slots[slot + FRAME] as number;
    const low = frame & 0xfff;
    const size = low >>> SIZE_SHIFT;
    if (size === 0) return frame - low + (address & 0xfff);
    return frame - low + (size === 1 ? address & 0x1f_ffff : address & 0x3fff_ffff);
  }

  /**
   * `size`: 0 4 KiB, 1 2 MiB, 2 1 GiB. `frame`: physical address of the page.
   * @returns the slot
   */
  insert(
    address: Address,
    size: number,
    domainId: number,
    pasid: number,
    frame: Address,
    flags: number,
    entryAddress: Address,
  ): number {
    const page = Math.floor(address / pageBytesOf(size));
    const key = domainId + size * SIZE_UNIT + (pasid === NO_PASID ? 0 : (pasid + 1) * PASID_UNIT);
    const slots = this.#slots;
    const first = setOf(page, key);
    // One pass for the same translation (it is replaced) or else the first free way.
    let slot = -1;
    for (let at = first; at < first + SET_FIELDS; at += FIELDS) {
      if (slots[at] === page && slots[at + KEY] === key) {
        slot = at;
        this.#epoch.advance();
        break;
      }
      if (slot < 0 && slots[at] === -1) slot = at;
    }
    if (slot < 0) {
      const set = first / SET_FIELDS;
      const way = this.#victim[set] as number;
      this.#victim[set] = (way + 1) & (WAYS - 1);
      this.#epoch.advance();
      slot = first + way * FIELDS;
    }
    slots[slot] = page;
    slots[slot + KEY] = key;
    slots[slot + FRAME] = frame + (flags | (size << SIZE_SHIFT));
    slots[slot + ENTRY] = entryAddress;
    this.#sizes |= 1 << size;
    if (pasid !== NO_PASID) this.#pasidsUsed = true;
    return slot;
  }

  invalidateAll(): void {
    if (this.#sizes !== 0) this.#clear();
  }

  invalidateDomain(domainId: number): void {
    if (this.#sizes === 0) return;
    this.#epoch.advance();
    const slots = this.#slots;
    for (let slot = 0; slot < slots.length; slot += FIELDS) {
      if (((slots[slot + KEY] as number) & 0xffff) === domainId) slots[slot] = -1;
    }
  }

  /** All pages of one PASID. */
  invalidatePasid(domainId: number, pasid: number): void {
    if (this.#sizes === 0) return;
    this.#epoch.advance();
    const slots = this.#slots;
    for (let slot = 0; slot < slots.length; slot += FIELDS) {
      if (this.#belongs(slot, domainId, pasid)) slots[slot] = -1;
    }
  }

  /**
   * 2^`addressMask` pages of 4 KiB around `address`, of `pasid` or, with `NO_PASID`, of every PASID of the domain
   * (VT-d 6.5.2.3).
   */
  invalidatePages(domainId: number, pasid: number, address: Address, addressMask: number): void {
    if (this.#sizes === 0) return;
    this.#epoch.advance();
    const slots = this.#slots;
    const bytes = 2 ** (12 + addressMask);
    const start = Math.floor(address / bytes) * bytes;
    if (this.#sizes === 1 && pasid === NO_PASID && !this.#pasidsUsed && bytes <= PROBE_BYTES) {
      for (let i = 0; i < bytes / 4096; i++) {
        const slot = this.#probe(start / 4096 + i, domainId);
        if (slot >= 0) slots[slot] = -1;
      }
      return;
    }
    for (let slot = 0; slot < slots.length; slot += FIELDS) {
      if (slots[slot] === -1 || !this.#belongs(slot, domainId, pasid)) continue;
      const size = this.pageBytes(slot);
      const from = (slots[slot] as number) * size;
      if (from < start + bytes && from + size > start) slots[slot] = -1;
    }
  }

  snapshot(): IoTlbState {
    return {
      slots: this.#slots.slice(),
      victim: this.#victim.slice(),
      sizes: this.#sizes,
      pasidsUsed: this.#pasidsUsed,
    };
  }

  restore(state: IoTlbState): void {
    assert(state.slots.length === this.#slots.length, 'IO-TLB state');
    this.#epoch.advance();
    this.#slots.set(state.slots);
    this.#victim.set(state.victim);
    this.#sizes = state.sizes;
    this.#pasidsUsed = state.pasidsUsed;
  }

  hashInto(hash: RunningHash): void {
    for (let slot = 0; slot < this.#slots.length && this.#sizes !== 0; slot += FIELDS) {
      if (this.#slots[slot] === -1) continue;
      hash.word(slot);
      for (let i = 0; i < FIELDS; i++) hash.number(this.#slots[slot + i] as number);
    }
    hash.bytes(this.#victim);
  }

  #belongs(slot: number, domainId: number, pasid: number): boolean {
    const key = this.#slots[slot + KEY] as number;
    if ((key & 0xffff) !== domainId) return false;
    return pasid === NO_PASID || Math.floor(key / PASID_UNIT) === pasid + 1;
  }

  #probe(page: number, key: number): number {
    const slots = this.#slots;
    const first = setOf(page, key);
    if (slots[first] === page && slots[first + KEY] === key) return first;
    for (let at = first + FIELDS; at < first + SET_FIELDS; at += FIELDS) {
      if (slots[at] === page && slots[at + KEY] === key) return at;
    }
    return -1;
  }

  #clear(): void {
    this.#epoch.advance();
    for (let slot = 0; slot < this.#slots.length; slot += FIELDS) this.#slots[slot] = -1;
    this.#sizes = 0;
    this.#pasidsUsed = false;
  }
}

function pageBytesOf(size: number): number {
  return size === 0 ? 4096 : size === 1 ? 0x20_0000 : 0x4000_0000;
}

/** Neighbouring pages fall into neighbouring sets; domains and PASIDs are spread. */
function setOf(page: number, key: number): number {
  return (((page | 0) ^ Math.imul(key | 0, 0x9e37)) & (SETS - 1)) * SET_FIELDS;
}

import { type Address, assert, NO_PASID, type RunningHash, type Snapshottable } from '@quiesce/simulation';

const SETS = 1024;
const WAYS = 4;
const SLOTS = SETS * WAYS;
/** A page-selective invalidation of more than this goes through the whole cache rather than page by page. */
const PROBE_BYTES = 64 * 4096;

export const TLB_READ = 1;
export const TLB_WRITE = 2;
export const TLB_USER = 4;
export const TLB_EXECUTE = 8;
/** The dirty flag of the page is known to be set. */
export const TLB_DIRTY = 16;
/** A privileged write needs no more than this where WPE is clear: no second level forbids it. */
export const TLB_SUPERVISOR_WRITE = 64;
/** Caching mode: the entry was not present. */
export const TLB_NOT_PRESENT = 32;

export interface IoTlbState {
  readonly pages: Float64Array;
  readonly tags: Int32Array;
  readonly pasids: Int32Array;
  readonly frames: Float64Array;
  readonly entries: Float64Array;
  readonly flags: Uint8Array;
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
  /** Page number in units of the page's own size, -1 if the slot is free. */
  readonly #pages: Float64Array = new Float64Array(SLOTS).fill(-1);
  /** Domain id | size << 16; size 0, 1, 2 is 4 KiB, 2 MiB, 1 GiB. */
  readonly #tags: Int32Array = new Int32Array(SLOTS);
  readonly #pasids: Int32Array = new Int32Array(SLOTS);
  /** Physical address of the page. */
  readonly #frames: Float64Array = new Float64Array(SLOTS);
  /** Physical address of the leaf entry. */
  readonly #entries: Float64Array = new Float64Array(SLOTS);
  readonly #flags: Uint8Array = new Uint8Array(SLOTS);
  readonly #victim: Uint8Array = new Uint8Array(SETS);
  /** Bit n: pages of size n may be present. */
  #sizes = 0;
  /** Entries with a PASID may be present. */
  #pasidsUsed = false;

  /** Slot of the translation, or -1. */
  find(address: Address, domainId: number, pasid: number): number {
    let slot = -1;
    if ((this.#sizes & 1) !== 0) slot = this.#probe(Math.floor(address / 4096), domainId, pasid);
    if (slot < 0 && (this.#sizes & 2) !== 0) {
      slot = this.#probe(Math.floor(address / 0x20_0000), domainId | 0x1_0000, pasid);
    }
    if (slot < 0 && (this.#sizes & 4) !== 0) {
      slot = this.#probe(Math.floor(address / 0x4000_0000), domainId | 0x2_0000, pasid);
    }
    return slot;
  }

  frame(slot: number): Address {
    return this.#frames[slot] as number;
  }

  flags(slot: number): number {
    return this.#flags[slot] as number;
  }

  entryAddress(slot: number): Address {
    return this.#entries[slot] as number;
  }

  /** Bytes of the slot's page. */
  pageBytes(slot: number): number {
    return pageBytesOf((this.#tags[slot] as number) >>> 16);
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
    const tag = domainId | (size << 16);
    let slot = this.#probe(page, tag, pasid);
    const first = setOf(page, tag);
    for (let way = 0; way < WAYS && slot < 0; way++) if (this.#pages[first + way] === -1) slot = first + way;
    if (slot < 0) {
      const set = first / WAYS;
      const way = this.#victim[set] as number;
      this.#victim[set] = (way + 1) % WAYS;
      slot = first + way;
    }
    this.#pages[slot] = page;
    this.#tags[slot] = tag;
    this.#pasids[slot] = pasid;
    this.#frames[slot] = frame;
    this.#entries[slot] = entryAddress;
    this.#flags[slot] = flags;
    this.#sizes |= 1 << size;
    if (pasid !== NO_PASID) this.#pasidsUsed = true;
    return slot;
  }

  invalidateAll(): void {
    if (this.#sizes === 0) return;
    this.#pages.fill(-1);
    this.#sizes = 0;
    this.#pasidsUsed = false;
  }

  invalidateDomain(domainId: number): void {
    if (this.#sizes === 0) return;
    for (let slot = 0; slot < SLOTS; slot++) {
      if (((this.#tags[slot] as number) & 0xffff) === domainId) this.#pages[slot] = -1;
    }
  }

  /** All pages of one PASID. */
  invalidatePasid(domainId: number, pasid: number): void {
    if (this.#sizes === 0) return;
    for (let slot = 0; slot < SLOTS; slot++) {
      if (this.#pasids[slot] === pasid && ((this.#tags[slot] as number) & 0xffff) === domainId) {
        this.#pages[slot] = -1;
      }
    }
  }

  /**
   * 2^`addressMask` pages of 4 KiB around `address`, of `pasid` or, with `NO_PASID`, of every PASID of the domain
   * (VT-d 6.5.2.3).
   */
  invalidatePages(domainId: number, pasid: number, address: Address, addressMask: number): void {
    if (this.#sizes === 0) return;
    const bytes = 2 ** (12 + addressMask);
    const start = Math.floor(address / bytes) * bytes;
    if (this.#sizes === 1 && pasid === NO_PASID && !this.#pasidsUsed && bytes <= PROBE_BYTES) {
      for (let i = 0; i < bytes / 4096; i++) {
        const slot = this.#probe(start / 4096 + i, domainId, NO_PASID);
        if (slot >= 0) this.#pages[slot] = -1;
      }
      return;
    }
    for (let slot = 0; slot < SLOTS; slot++) {
      if (this.#pages[slot] === -1 || ((this.#tags[slot] as number) & 0xffff) !== domainId) continue;
      if (pasid !== NO_PASID && this.#pasids[slot] !== pasid) continue;
      const size = this.pageBytes(slot);
      const from = (this.#pages[slot] as number) * size;
      if (from < start + bytes && from + size > start) this.#pages[slot] = -1;
    }
  }

  snapshot(): IoTlbState {
    return {
      pages: this.#pages.slice(),
      tags: this.#tags.slice(),
      pasids: this.#pasids.slice(),
      frames: this.#frames.slice(),
      entries: this.#entries.slice(),
      flags: this.#flags.slice(),
      victim: this.#victim.slice(),
      sizes: this.#sizes,
      pasidsUsed: this.#pasidsUsed,
    };
  }

  restore(state: IoTlbState): void {
    assert(state.pages.length === SLOTS, 'IO-TLB state');
    this.#pages.set(state.pages);
    this.#tags.set(state.tags);
    this.#pasids.set(state.pasids);
    this.#frames.set(state.frames);
    this.#entries.set(state.entries);
    this.#flags.set(state.flags);
    this.#victim.set(state.victim);
    this.#sizes = state.sizes;
    this.#pasidsUsed = state.pasidsUsed;
  }

  hashInto(hash: RunningHash): void {
    for (let slot = 0; slot < SLOTS; slot++) {
      if (this.#pages[slot] === -1) continue;
      hash.word(slot);
      hash.number(this.#pages[slot] as number);
      hash.word(this.#tags[slot] as number);
      hash.word(this.#pasids[slot] as number);
      hash.number(this.#frames[slot] as number);
      hash.number(this.#entries[slot] as number);
      hash.word(this.#flags[slot] as number);
    }
    hash.bytes(this.#victim);
  }

  #probe(page: number, tag: number, pasid: number): number {
    const first = setOf(page, tag);
    const pages = this.#pages;
    for (let slot = first; slot < first + WAYS; slot++) {
      if (pages[slot] === page && this.#tags[slot] === tag && this.#pasids[slot] === pasid) return slot;
    }
    return -1;
  }
}

function pageBytesOf(size: number): number {
  return size === 0 ? 4096 : size === 1 ? 0x20_0000 : 0x4000_0000;
}

/** Neighbouring pages fall into neighbouring sets; domains are spread. */
function setOf(page: number, tag: number): number {
  return (((page | 0) ^ Math.imul(tag, 0x9e37_79b1 >> 7)) & (SETS - 1)) * WAYS;
}

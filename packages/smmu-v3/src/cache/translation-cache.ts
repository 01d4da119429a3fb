import { type Address, assert, type RunningHash, type Snapshottable } from '@quiesce/simulation';

const SETS = 512;
const WAYS = 4;
/** Numbers of a slot: page, key, frame with flags, descriptor address. */
const FIELDS = 4;
const SET_FIELDS = WAYS * FIELDS;
const KEY = 1;
const FRAME = 2;
const ENTRY = 3;

const VMID_UNIT = 0x1_0000;
const STAGE2_UNIT = 0x1_0000_0000;
const SIZE_UNIT = 0x2_0000_0000;

export const TLB_READ = 1;
export const TLB_WRITE = 2;
/** Unprivileged requests too. */
export const TLB_USER = 4;
/** Instructions, for unprivileged and for privileged requests. */
export const TLB_EXECUTE_USER = 8;
export const TLB_EXECUTE_PRIVILEGED = 16;
const FLAGS_MASK = 0x1f;

export interface TranslationCacheState {
  readonly slots: Float64Array;
  readonly victim: Uint8Array;
  readonly sizes: number;
}

/** Tag of a stage 1 translation. */
export function stage1Key(asid: number, vmid: number): number {
  return asid + vmid * VMID_UNIT;
}

/** Tag of a stage 2 translation. */
export function stage2Key(vmid: number): number {
  return vmid * VMID_UNIT + STAGE2_UNIT;
}

/**
 * The TLB (SMMUv3 3.17): finished translations, tagged with ASID and VMID, not with the stream: streams of one ASID share
 * entries, wanted or not. Fixed size, four ways, replaced in turn; an entry stays until it is invalidated or replaced.
 */
export class TranslationCache implements Snapshottable<TranslationCacheState> {
  readonly #slots: Float64Array = new Float64Array(SETS * SET_FIELDS).fill(-1);
  readonly #victim: Uint8Array = new Uint8Array(SETS);
  /** Bit n: pages of size n may be present. */
  #sizes = 0;

  /** Slot of the translation, or -1. */
  find(address: Address, key: number): number {
    const sizes = this.#sizes;
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
    return pageBytesOf(Math.floor((this.#slots[slot + KEY] as number) / SIZE_UNIT));
  }

  /** Physical address that `address`, which lies in the slot's page, leads to. */
  translate(slot: number, address: Address): Address {
    const frame = this.#slots[slot + FRAME] as number;
    return frame - (frame % 4096) + (address % this.pageBytes(slot));
  }

  /** `size`: 0 4 KiB, 1 2 MiB, 2 1 GiB; `frame`: physical address of the page. @returns the slot */
  insert(address: Address, size: number, key: number, frame: Address, flags: number, entry: Address): number {
    const page = Math.floor(address / pageBytesOf(size));
    const tag = key + size * SIZE_UNIT;
    const slots = this.#slots;
    const first = setOf(page, tag);
    let slot = -1;
    for (let at = first; at < first + SET_FIELDS && slot < 0; at += FIELDS) {
      if (slots[at] === -1) slot = at;
    }
    if (slot < 0) {
      const set = first / SET_FIELDS;
      const way = this.#victim[set] as number;
      this.#victim[set] = (way + 1) % WAYS;
      slot = first + way * FIELDS;
    }
    slots[slot] = page;
    slots[slot + KEY] = tag;
    slots[slot + FRAME] = frame + flags;
    slots[slot + ENTRY] = entry;
    this.#sizes |= 1 << size;
    return slot;
  }

  invalidateAll(): void {
    this.#slots.fill(-1);
    this.#sizes = 0;
  }

  /** Stage 1 translations of an ASID. */
  invalidateAsid(asid: number, vmid: number): void {
    const key = stage1Key(asid, vmid);
    this.#dropWhere((tag) => tag % SIZE_UNIT === key);
  }

  /** Stage 1 translations of a VMID, and with `both` those of stage 2. */
  invalidateVmid(vmid: number, both: boolean): void {
    this.#dropWhere((tag) => {
      const world = tag % SIZE_UNIT;
      return Math.floor((world % STAGE2_UNIT) / VMID_UNIT) === vmid && (both || world < STAGE2_UNIT);
    });
  }

  /** The page of `address` under a stage 1 or stage 2 key, whatever its size. */
  invalidateAddress(address: Address, key: number): void {
    for (let slot = this.find(address, key); slot >= 0; slot = this.find(address, key)) this.#drop(slot);
  }

  /** The page of `address` under every ASID of a VMID. */
  invalidateAddressAllAsids(address: Address, vmid: number): void {
    for (let slot = 0; slot < this.#slots.length; slot += FIELDS) {
      if (this.#slots[slot] === -1) continue;
      const world = (this.#slots[slot + KEY] as number) % SIZE_UNIT;
      if (world >= STAGE2_UNIT || Math.floor(world / VMID_UNIT) !== vmid) continue;
      if (Math.floor(address / this.pageBytes(slot)) === this.#slots[slot]) this.#drop(slot);
    }
  }

  snapshot(): TranslationCacheState {
    return { slots: this.#slots.slice(), victim: this.#victim.slice(), sizes: this.#sizes };
  }

  restore(state: TranslationCacheState): void {
    assert(state.slots.length === this.#slots.length, 'translation cache state');
    this.#slots.set(state.slots);
    this.#victim.set(state.victim);
    this.#sizes = state.sizes;
  }

  hashInto(hash: RunningHash): void {
    for (let slot = 0; slot < this.#slots.length && this.#sizes !== 0; slot += FIELDS) {
      if (this.#slots[slot] === -1) continue;
      hash.word(slot);
      for (let i = 0; i < FIELDS; i++) hash.number(this.#slots[slot + i] as number);
    }
    hash.bytes(this.#victim);
  }

  #dropWhere(matches: (tag: number) => boolean): void {
    if (this.#sizes === 0) return;
    for (let slot = 0; slot < this.#slots.length; slot += FIELDS) {
      if (this.#slots[slot] !== -1 && matches(this.#slots[slot + KEY] as number)) this.#drop(slot);
    }
  }

  #drop(slot: number): void {
    this.#slots.fill(-1, slot, slot + FIELDS);
  }

  #probe(page: number, tag: number): number {
    const slots = this.#slots;
    const first = setOf(page, tag);
    for (let at = first; at < first + SET_FIELDS; at += FIELDS) {
      if (slots[at] === page && slots[at + KEY] === tag) return at;
    }
    return -1;
  }
}

function pageBytesOf(size: number): number {
  return size === 0 ? 4096 : size === 1 ? 0x20_0000 : 0x4000_0000;
}

/** Neighbouring pages fall into neighbouring sets; ASIDs are spread. */
function setOf(page: number, tag: number): number {
  return (((page | 0) ^ Math.imul(tag | 0, 0x9e37)) & (SETS - 1)) * SET_FIELDS;
}

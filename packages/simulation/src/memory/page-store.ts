import { PAGE_SIZE } from './address.ts';

/** Last writer is kept for blocks of this many bytes. */
export const BLOCK_SIZE = 64;
/** In place of a writer: nobody wrote this block. */
export const NOBODY = 0xffff;
/** In place of an owner's index: not looked up yet. */
export const OWNER_UNKNOWN = -2;

/** Pages are allocated by this many (128 KiB): one by one they would be a burden on the garbage collector. */
export const SLAB_PAGES = 32;
const SLAB_SHIFT = 5;
export const BLOCKS_PER_PAGE: number = PAGE_SIZE / BLOCK_SIZE;
const WORDS_PER_PAGE = PAGE_SIZE / 4;

/**
 * Pages by frame number. A page has a slot, which is found in a hash table of typed arrays and stays until all are
 * cleared; its words, bytes and writers stand in slabs, side by side with those of its neighbours in time.
 */
export class PageStore {
  /** By slab, for {@link slabOf} and the offsets that go with it. */
  readonly words: Uint32Array[] = [];
  readonly bytes: Uint8Array[] = [];
  readonly lastWriters: Uint16Array[] = [];
  /** By slot: index of the owner or what stands in its place. Replaced when the store grows. */
  owners: Int8Array = new Int8Array(SLAB_PAGES);
  #frames: Float64Array = new Float64Array(SLAB_PAGES);
  #count = 0;
  /** The page that was found last. */
  #lastFrame = -1;
  #lastSlot = -1;
  /** Hash table, a power of two with at least half of it free: frame or -1, and its slot. */
  #keys: Float64Array = new Float64Array(4 * SLAB_PAGES).fill(-1);
  #slots: Int32Array = new Int32Array(4 * SLAB_PAGES);
  #mask = 4 * SLAB_PAGES - 1;

  /** How many pages are stored. */
  get count(): number {
    return this.#count;
  }

  /** Slot of the page, or -1. */
  find(frame: number): number {
    if (frame === this.#lastFrame) return this.#lastSlot;
    const slot = this.#search(frame);
    // Pages that are stored stay where they are until all are cleared.
    if (slot >= 0) {
      this.#lastFrame = frame;
      this.#lastSlot = slot;
    }
    return slot;
  }

  #search(frame: number): number {
    const keys = this.#keys;
    const mask = this.#mask;
    for (let at = placeOf(frame) & mask; ; at = (at + 1) & mask) {
      const key = keys[at] as number;
      if (key === frame) return this.#slots[at] as number;
      if (key === -1) return -1;
    }
  }

  /** Stores a page of zeros that is not stored yet; returns its slot. */
  add(frame: number): number {
    const slot = this.#count++;
    if (slot === this.words.length * SLAB_PAGES) this.#addSlab();
    if (slot === this.owners.length) this.#growSlots();
    this.owners[slot] = OWNER_UNKNOWN;
    this.#frames[slot] = frame;
    if (2 * this.#count > this.#mask) this.#rehash();
    else this.#enter(frame, slot);
    return slot;
  }

  /** Frame number of a slot. */
  frame(slot: number): number {
    return this.#frames[slot] as number;
  }

  /** Slots in order of frame. */
  sorted(): number[] {
    return Array.from({ length: this.#count }, (_, slot) => slot).sort(
      (a, b) => this.frame(a) - this.frame(b),
    );
  }

  /** The bytes of a page where they are. */
  pageBytes(slot: number): Uint8Array {
    const from = (slot % SLAB_PAGES) * PAGE_SIZE;
    return (this.bytes[slabOf(slot)] as Uint8Array).subarray(from, from + PAGE_SIZE);
  }

  /** The words of a page where they are. */
  pageWords(slot: number): Uint32Array {
    const from = firstWord(slot);
    return (this.words[slabOf(slot)] as Uint32Array).subarray(from, from + WORDS_PER_PAGE);
  }

  /** The last writers of a page where they are. */
  pageWriters(slot: number): Uint16Array {
    const from = firstBlock(slot);
    return (this.lastWriters[slabOf(slot)] as Uint16Array).subarray(from, from + BLOCKS_PER_PAGE);
  }

  /** Owners are to be looked up again. */
  forgetOwners(): void {
    this.owners.fill(OWNER_UNKNOWN);
  }

  clear(): void {
    this.#count = 0;
    this.#lastFrame = -1;
    this.words.length = 0;
    this.bytes.length = 0;
    this.lastWriters.length = 0;
    this.#keys.fill(-1);
  }

  #addSlab(): void {
    const buffer = new ArrayBuffer(SLAB_PAGES * PAGE_SIZE);
    this.words.push(new Uint32Array(buffer));
    this.bytes.push(new Uint8Array(buffer));
    this.lastWriters.push(new Uint16Array(SLAB_PAGES * BLOCKS_PER_PAGE).fill(NOBODY));
  }

  #growSlots(): void {
    const owners = new Int8Array(2 * this.owners.length);
    owners.set(this.owners);
    this.owners = owners;
    const frames = new Float64Array(2 * this.#frames.length);
    frames.set(this.#frames);
    this.#frames = frames;
  }

  #rehash(): void {
    const size = 2 * (this.#mask + 1);
    this.#keys = new Float64Array(size).fill(-1);
    this.#slots = new Int32Array(size);
    this.#mask = size - 1;
    for (let slot = 0; slot < this.#count; slot++) this.#enter(this.frame(slot), slot);
  }

  #enter(frame: number, slot: number): void {
    let at = placeOf(frame) & this.#mask;
    while (this.#keys[at] !== -1) at = (at + 1) & this.#mask;
    this.#keys[at] = frame;
    this.#slots[at] = slot;
  }
}

/**
 * Where to look first, before the mask. Runs of neighbouring frames, and pages at equal strides of 2 MiB or 1 GiB,
 * each take places of their own: for them this is one-to-one on the low bits.
 */
function placeOf(frame: number): number {
  return frame ^ (frame >>> 9) ^ (frame >>> 18);
}

/** Index of the slab of a slot. */
export function slabOf(slot: number): number {
  return slot >>> SLAB_SHIFT;
}

/** Index of a page's first word in its slab. */
export function firstWord(slot: number): number {
  return (slot & (SLAB_PAGES - 1)) << 10;
}

/** Index of a page's first byte in its slab. */
export function firstByte(slot: number): number {
  return (slot & (SLAB_PAGES - 1)) << 12;
}

/** Index of a page's first block in its slab of writers. */
export function firstBlock(slot: number): number {
  return (slot & (SLAB_PAGES - 1)) << 6;
}

import { AssertionError } from '../errors/assert.ts';
import type { RunningHash } from '../state/running-hash.ts';
import type { Snapshottable } from '../state/snapshot.ts';
import { ADDRESS_LIMIT, type Address, PAGE_SIZE } from './address.ts';
import type { MemoryAccess, WriterId } from './memory-access.ts';
import { isBacked, MemoryMap, type MemoryOwner, type MemoryRegion, memoryOwners } from './memory-map.ts';
import {
  BLOCK_SIZE,
  firstBlock,
  firstByte,
  firstWord,
  NOBODY,
  OWNER_UNKNOWN,
  PageStore,
  slabOf,
} from './page-store.ts';
import { type LedgerState, WriteLedger } from './write-ledger.ts';

/** Bits of an address within its page; `&` keeps the low 32 bits of any integer. */
const OFFSET = PAGE_SIZE - 1;
/** By index of owner. */
const backed: readonly boolean[] = memoryOwners.map(isBacked);
/** In place of an owner's index: the page has several. */
const DIVIDED = -1;
const BLOCK_SHIFT = Math.log2(BLOCK_SIZE);

/** All that is stored, sorted by address. */
export interface PhysicalMemoryState {
  readonly regions: readonly MemoryRegion[];
  readonly pages: readonly {
    readonly frame: number;
    readonly bytes: Uint8Array;
    readonly lastWriter: Uint16Array;
  }[];
  readonly ledger: LedgerState;
}

/**
 * Physical memory of up to 52 address bits that stores only the pages somebody touched, knows whose memory each
 * address is, and can say who wrote what where. Little-endian. Reads outside of memory give all ones,
 * writes there are dropped, but booked.
 */
export class PhysicalMemory implements MemoryAccess, Snapshottable<PhysicalMemoryState> {
  readonly ledger: WriteLedger = new WriteLedger();
  readonly #pages: PageStore = new PageStore();
  #map: MemoryMap;
  /** The map's generation of which the pages know their owners. */
  #generation = -1;

  constructor(regions: readonly MemoryRegion[] = []) {
    this.#map = new MemoryMap(regions);
  }

  get map(): MemoryMap {
    return this.#map;
  }

  set map(map: MemoryMap) {
    this.#map = map;
    this.#generation = -1;
  }

  /** The id under which `name` writes. */
  writer(name: string): WriterId {
    return this.ledger.writer(name);
  }

  ownerAt(address: Address): MemoryOwner {
    return this.map.ownerAt(address);
  }

  /** Name of whoever last wrote the 64-byte block of `address`; undefined if nobody did. */
  lastWriterAt(address: Address): string | undefined {
    const slot = this.#pages.find(Math.floor(address / PAGE_SIZE));
    if (slot < 0) return undefined;
    const writers = this.#pages.lastWriters[slabOf(slot)] as Uint16Array;
    const id = writers[firstBlock(slot) + Math.floor((address & OFFSET) / BLOCK_SIZE)] as number;
    return id === NOBODY ? undefined : this.ledger.writerName(id);
  }

  read8(address: Address): number {
    const slot = this.#pages.find(Math.floor(address / PAGE_SIZE));
    if (!(backed[this.#ownerIndex(slot, address)] as boolean)) return 0xff;
    if (slot < 0) return 0;
    return (this.#pages.bytes[slabOf(slot)] as Uint8Array)[firstByte(slot) + (address & OFFSET)] as number;
  }

  read16(address: Address): number {
    return this.read8(address) | (this.read8(address + 1) << 8);
  }

  read32(address: Address): number {
    if ((address & 3) !== 0) return (this.read16(address) | (this.read16(address + 2) << 16)) >>> 0;
    const slot = this.#pages.find(Math.floor(address / PAGE_SIZE));
    if (!(backed[this.#ownerIndex(slot, address)] as boolean)) return 0xffff_ffff;
    if (slot < 0) return 0;
    return (this.#pages.words[slabOf(slot)] as Uint32Array)[
      firstWord(slot) + ((address & OFFSET) >>> 2)
    ] as number;
  }

  write8(address: Address, value: number, writer: WriterId): void {
    const slot = this.#touch(address, 1, writer);
    if (slot < 0) return;
    (this.#pages.bytes[slabOf(slot)] as Uint8Array)[firstByte(slot) + (address & OFFSET)] = value;
  }

  write16(address: Address, value: number, writer: WriterId): void {
    this.write8(address, value & 0xff, writer);
    this.write8(address + 1, (value >>> 8) & 0xff, writer);
  }

  write32(address: Address, value: number, writer: WriterId): void {
    if ((address & 3) !== 0) {
      this.write16(address, value & 0xffff, writer);
      this.write16(address + 2, value >>> 16, writer);
      return;
    }
    const slot = this.#touch(address, 4, writer);
    if (slot < 0) return;
    (this.#pages.words[slabOf(slot)] as Uint32Array)[firstWord(slot) + ((address & OFFSET) >>> 2)] = value;
  }

  /** A copy of `length` bytes from `address` on; all ones where no memory is. */
  readBytes(address: Address, length: number): Uint8Array {
    const result = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const at = address + done;
      const chunk = this.#chunk(at, length - done);
      const slot = this.#pages.find(Math.floor(at / PAGE_SIZE));
      if (!(backed[this.#ownerIndex(slot, at)] as boolean)) result.fill(0xff, done, done + chunk);
      else if (slot >= 0) {
        const from = firstByte(slot) + (at & OFFSET);
        result.set((this.#pages.bytes[slabOf(slot)] as Uint8Array).subarray(from, from + chunk), done);
      }
      done += chunk;
    }
    return result;
  }

  writeBytes(address: Address, bytes: Uint8Array, writer: WriterId): void {
    let done = 0;
    while (done < bytes.length) {
      const at = address + done;
      const chunk = this.#chunk(at, bytes.length - done);
      const slot = this.#touch(at, chunk, writer);
      if (slot >= 0) {
        const slab = this.#pages.bytes[slabOf(slot)] as Uint8Array;
        slab.set(bytes.subarray(done, done + chunk), firstByte(slot) + (at & OFFSET));
      }
      done += chunk;
    }
  }

  /**
   * Writes `length` bytes whose value follows from `seed` and their page, as a device's data does.
   * Runs by pages, so a long write costs little.
   * @returns the owner of the first byte
   */
  writePattern(address: Address, length: number, seed: number, writer: WriterId): MemoryOwner {
    const first = this.ownerAt(address);
    let at = address;
    const end = address + length;
    while (at < end) {
      const chunk = this.#chunk(at, end - at);
      const slot = this.#touch(at, chunk, writer);
      if (slot >= 0) {
        const from = firstByte(slot) + (at & OFFSET);
        const slab = this.#pages.bytes[slabOf(slot)] as Uint8Array;
        slab.fill((seed ^ (at / PAGE_SIZE)) & 0xff, from, from + chunk);
      }
      at += chunk;
    }
    return first;
  }

  /** True if all of the range is memory of whose pages nobody ever wrote a byte, so that it reads as zeros. */
  isUntouched(address: Address, length: number): boolean {
    const end = address + length;
    for (let at = address; at < end; at += this.#chunk(at, end - at)) {
      if (this.#pages.find(Math.floor(at / PAGE_SIZE)) >= 0) return false;
      if (!(backed[this.#ownerIndex(-1, at)] as boolean)) return false;
    }
    return true;
  }

  /** How many pages are stored. */
  get pageCount(): number {
    return this.#pages.count;
  }

  snapshot(): PhysicalMemoryState {
    const store = this.#pages;
    return {
      regions: [...this.map.regions],
      pages: store.sorted().map((slot) => ({
        frame: store.frame(slot),
        bytes: store.pageBytes(slot).slice(),
        lastWriter: store.pageWriters(slot).slice(),
      })),
      ledger: this.ledger.snapshot(),
    };
  }

  restore(state: PhysicalMemoryState): void {
    const store = this.#pages;
    this.map.restore(state.regions);
    store.clear();
    for (const { frame, bytes, lastWriter } of state.pages) {
      const slot = store.add(frame);
      store.pageBytes(slot).set(bytes);
      store.pageWriters(slot).set(lastWriter);
    }
    this.ledger.restore(state.ledger);
  }

  hashInto(hash: RunningHash): void {
    for (const region of this.map.regions) {
      hash.number(region.start);
      hash.number(region.end);
      hash.text(region.owner);
    }
    for (const slot of this.#pages.sorted()) {
      hash.number(this.#pages.frame(slot));
      hash.words(this.#pages.pageWords(slot));
      for (const writer of this.#pages.pageWriters(slot)) hash.word(writer);
    }
    this.ledger.hashInto(hash);
  }

  /** Books a write of `length` bytes that stays within a page and a region; -1 where nothing is stored, else the slot. */
  #touch(address: Address, length: number, writer: WriterId): number {
    if (!(address >= 0 && address < ADDRESS_LIMIT)) {
      throw new AssertionError(`address ${address} is not of 52 bits`);
    }
    const frame = Math.floor(address / PAGE_SIZE);
    let slot = this.#pages.find(frame);
    const owner = this.#ownerIndex(slot, address);
    this.ledger.book(writer, owner, address, length);
    if (!(backed[owner] as boolean)) return -1;
    if (slot < 0) slot = this.#pages.add(frame);
    const from = address & OFFSET;
    const writers = this.#pages.lastWriters[slabOf(slot)] as Uint16Array;
    const block = firstBlock(slot) + (from >>> BLOCK_SHIFT);
    const last = firstBlock(slot) + ((from + length - 1) >>> BLOCK_SHIFT);
    if (block === last) writers[block] = writer;
    else writers.fill(writer, block, last + 1);
    return slot;
  }

  /** Index of the owner of `address`, whose page is in `slot`, or not stored. */
  #ownerIndex(slot: number, address: Address): number {
    if (slot >= 0) {
      if (this.#map.generation !== this.#generation) {
        this.#pages.forgetOwners();
        this.#generation = this.#map.generation;
      }
      let owner = this.#pages.owners[slot] as number;
      if (owner === OWNER_UNKNOWN) owner = this.#classify(slot, address - (address & OFFSET));
      if (owner !== DIVIDED) return owner;
    }
    return memoryOwners.indexOf(this.#map.ownerAt(address));
  }

  #classify(slot: number, start: Address): number {
    const whole = this.#map.nextBoundary(start) >= start + PAGE_SIZE;
    const owner = whole ? memoryOwners.indexOf(this.#map.ownerAt(start)) : DIVIDED;
    this.#pages.owners[slot] = owner;
    return owner;
  }

  /** How many of `length` bytes from `address` on lie in one page and one region. */
  #chunk(address: Address, length: number): number {
    return Math.min(length, PAGE_SIZE - (address & OFFSET), this.map.nextBoundary(address) - address);
  }
}

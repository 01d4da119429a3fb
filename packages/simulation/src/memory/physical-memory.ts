import { AssertionError } from '../errors/assert.ts';
import type { RunningHash } from '../state/running-hash.ts';
import type { Snapshottable } from '../state/snapshot.ts';
import { ADDRESS_LIMIT, type Address, PAGE_SIZE } from './address.ts';
import type { MemoryAccess, WriterId } from './memory-access.ts';
import { isBacked, MemoryMap, type MemoryOwner, type MemoryRegion, memoryOwners } from './memory-map.ts';
import { type LedgerState, WriteLedger } from './write-ledger.ts';

/** Bits of an address within its page; `&` keeps the low 32 bits of any integer. */
const OFFSET = PAGE_SIZE - 1;
/** Last writer is kept for blocks of this many bytes. */
const BLOCK = 64;
const NOBODY = 0xffff;
/** By index of owner. */
const backed: readonly boolean[] = memoryOwners.map(isBacked);
/** Pages found last, by the low bits of their frame: a table walk goes back and forth between a few pages. */
const RECENT = 64;
/** In place of an owner's index: the page has several. */
const DIVIDED = -1;

interface Page {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  /** Last writer of each 64-byte block. */
  readonly lastWriter: Uint16Array;
  /** Index of the owner, or DIVIDED; valid while the map has this `generation`. */
  owner: number;
  generation: number;
}

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
  map: MemoryMap;
  readonly ledger: WriteLedger = new WriteLedger();
  readonly #pages = new Map<number, Page>();
  readonly #recentFrames = new Float64Array(RECENT).fill(-1);
  readonly #recentPages: (Page | undefined)[] = new Array(RECENT).fill(undefined);

  constructor(regions: readonly MemoryRegion[] = []) {
    this.map = new MemoryMap(regions);
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
    const page = this.#pages.get(Math.floor(address / PAGE_SIZE));
    const id = page?.lastWriter[Math.floor((address & OFFSET) / BLOCK)] ?? NOBODY;
    return id === NOBODY ? undefined : this.ledger.writerName(id);
  }

  read8(address: Address): number {
    const page = this.#find(address);
    if (!(backed[this.#ownerIndex(page, address)] as boolean)) return 0xff;
    return page === undefined ? 0 : (page.bytes[address & OFFSET] as number);
  }

  read16(address: Address): number {
    return this.read8(address) | (this.read8(address + 1) << 8);
  }

  read32(address: Address): number {
    if ((address & 3) !== 0) return (this.read16(address) | (this.read16(address + 2) << 16)) >>> 0;
    const page = this.#find(address);
    if (!(backed[this.#ownerIndex(page, address)] as boolean)) return 0xffff_ffff;
    return page === undefined ? 0 : (page.words[(address & OFFSET) >>> 2] as number);
  }

  write8(address: Address, value: number, writer: WriterId): void {
    const page = this.#touch(address, 1, writer);
    if (page !== undefined) page.bytes[address & OFFSET] = value;
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
    const page = this.#touch(address, 4, writer);
    if (page !== undefined) page.words[(address & OFFSET) >>> 2] = value;
  }

  /** A copy of `length` bytes from `address` on; all ones where no memory is. */
  readBytes(address: Address, length: number): Uint8Array {
    const result = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const at = address + done;
      const chunk = this.#chunk(at, length - done);
      const page = this.#find(at);
      if (!(backed[this.#ownerIndex(page, at)] as boolean)) result.fill(0xff, done, done + chunk);
      else if (page !== undefined) {
        const from = at & OFFSET;
        result.set(page.bytes.subarray(from, from + chunk), done);
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
      const page = this.#touch(at, chunk, writer);
      if (page !== undefined) page.bytes.set(bytes.subarray(done, done + chunk), at & OFFSET);
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
      const page = this.#touch(at, chunk, writer);
      const from = at & OFFSET;
      page?.bytes.fill((seed ^ (at / PAGE_SIZE)) & 0xff, from, from + chunk);
      at += chunk;
    }
    return first;
  }

  /** How many pages are stored. */
  get pageCount(): number {
    return this.#pages.size;
  }

  snapshot(): PhysicalMemoryState {
    const frames = [...this.#pages.keys()].sort((a, b) => a - b);
    return {
      regions: [...this.map.regions],
      pages: frames.map((frame) => {
        const page = this.#pages.get(frame) as Page;
        return { frame, bytes: page.bytes.slice(), lastWriter: page.lastWriter.slice() };
      }),
      ledger: this.ledger.snapshot(),
    };
  }

  restore(state: PhysicalMemoryState): void {
    this.map.restore(state.regions);
    this.#pages.clear();
    this.#recentFrames.fill(-1);
    this.#recentPages.fill(undefined);
    for (const { frame, bytes, lastWriter } of state.pages) {
      const page = newPage();
      page.bytes.set(bytes);
      page.lastWriter.set(lastWriter);
      this.#pages.set(frame, page);
    }
    this.ledger.restore(state.ledger);
  }

  hashInto(hash: RunningHash): void {
    for (const region of this.map.regions) {
      hash.number(region.start);
      hash.number(region.end);
      hash.text(region.owner);
    }
    const frames = [...this.#pages.keys()].sort((a, b) => a - b);
    for (const frame of frames) {
      hash.number(frame);
      const page = this.#pages.get(frame) as Page;
      hash.words(page.words);
      for (const writer of page.lastWriter) hash.word(writer);
    }
    this.ledger.hashInto(hash);
  }

  #find(address: Address): Page | undefined {
    const frame = Math.floor(address / PAGE_SIZE);
    const place = frame & (RECENT - 1);
    if (this.#recentFrames[place] === frame) return this.#recentPages[place];
    const page = this.#pages.get(frame);
    if (page !== undefined) {
      this.#recentFrames[place] = frame;
      this.#recentPages[place] = page;
    }
    return page;
  }

  /** Books a write of `length` bytes that stays within a page and a region; undefined where nothing is stored. */
  #touch(address: Address, length: number, writer: WriterId): Page | undefined {
    if (!(address >= 0 && address < ADDRESS_LIMIT)) {
      throw new AssertionError(`address ${address} is not of 52 bits`);
    }
    let page = this.#find(address);
    const owner = this.#ownerIndex(page, address);
    this.ledger.book(writer, owner, address, length);
    if (!(backed[owner] as boolean)) return undefined;
    if (page === undefined) {
      page = newPage();
      this.#pages.set(Math.floor(address / PAGE_SIZE), page);
    }
    const from = address & OFFSET;
    const block = Math.floor(from / BLOCK);
    if (from + length <= (block + 1) * BLOCK) page.lastWriter[block] = writer;
    else page.lastWriter.fill(writer, block, Math.floor((from + length - 1) / BLOCK) + 1);
    return page;
  }

  /** Index of the owner of `address`, which lies in `page` if that is stored. */
  #ownerIndex(page: Page | undefined, address: Address): number {
    if (page !== undefined) {
      if (page.generation !== this.map.generation) this.#classify(page, address - (address & OFFSET));
      if (page.owner !== DIVIDED) return page.owner;
    }
    return memoryOwners.indexOf(this.map.ownerAt(address));
  }

  #classify(page: Page, start: Address): void {
    const whole = this.map.nextBoundary(start) >= start + PAGE_SIZE;
    page.owner = whole ? memoryOwners.indexOf(this.map.ownerAt(start)) : DIVIDED;
    page.generation = this.map.generation;
  }

  /** How many of `length` bytes from `address` on lie in one page and one region. */
  #chunk(address: Address, length: number): number {
    return Math.min(length, PAGE_SIZE - (address & OFFSET), this.map.nextBoundary(address) - address);
  }
}

function newPage(): Page {
  const buffer = new ArrayBuffer(PAGE_SIZE);
  return {
    bytes: new Uint8Array(buffer),
    words: new Uint32Array(buffer),
    lastWriter: new Uint16Array(PAGE_SIZE / BLOCK).fill(NOBODY),
    owner: -1,
    generation: -1,
  };
}

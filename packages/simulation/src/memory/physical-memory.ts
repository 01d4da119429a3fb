import { assert } from '../errors/assert.ts';
import type { RunningHash } from '../state/running-hash.ts';
import type { Snapshottable } from '../state/snapshot.ts';
import { ADDRESS_LIMIT, type Address, PAGE_SIZE } from './address.ts';
import type { MemoryAccess, WriterId } from './memory-access.ts';
import { isBacked, MemoryMap, type MemoryOwner, type MemoryRegion, memoryOwners } from './memory-map.ts';
import { type LedgerState, WriteLedger } from './write-ledger.ts';

/** Last writer is kept for blocks of this many bytes. */
const BLOCK = 64;
const NOBODY = 0xffff;

interface Page {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  /** Last writer of each 64-byte block. */
  readonly lastWriter: Uint16Array;
  /** Index of the owner if the whole page has one owner, -1 if it is divided; valid for `generation`. */
  owner: number;
  generation: number;
}

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
  #lastFrame = -1;
  #lastPage: Page | undefined;

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
    const id = page?.lastWriter[Math.floor((address % PAGE_SIZE) / BLOCK)] ?? NOBODY;
    return id === NOBODY ? undefined : this.ledger.writerName(id);
  }

  read8(address: Address): number {
    if (!isBacked(this.ownerAt(address))) return 0xff;
    const page = this.#find(address);
    return page === undefined ? 0 : (page.bytes[address % PAGE_SIZE] as number);
  }

  read16(address: Address): number {
    return this.read8(address) | (this.read8(address + 1) << 8);
  }

  read32(address: Address): number {
    if ((address & 3) !== 0) return (this.read16(address) | (this.read16(address + 2) << 16)) >>> 0;
    const page = this.#find(address);
    if (page !== undefined && page.generation === this.map.generation && page.owner > 0) {
      return page.words[(address % PAGE_SIZE) >>> 2] as number;
    }
    if (!isBacked(this.ownerAt(address))) return 0xffff_ffff;
    return page === undefined ? 0 : (page.words[(address % PAGE_SIZE) >>> 2] as number);
  }

  write8(address: Address, value: number, writer: WriterId): void {
    const page = this.#touch(address, 1, writer);
    if (page !== undefined) page.bytes[address % PAGE_SIZE] = value;
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
    if (page !== undefined) page.words[(address % PAGE_SIZE) >>> 2] = value;
  }

  readBytes(address: Address, length: number): Uint8Array {
    const result = new Uint8Array(length);
    for (let i = 0; i < length; i++) result[i] = this.read8(address + i);
    return result;
  }

  writeBytes(address: Address, bytes: Uint8Array, writer: WriterId): void {
    for (let i = 0; i < bytes.length; i++) this.write8(address + i, bytes[i] as number, writer);
  }

  /**
   * Writes `length` bytes whose value follows from `seed` and their address, as a device's data does.
   * Runs by blocks, so a long write costs little.
   * @returns the owner of the first byte
   */
  writePattern(address: Address, length: number, seed: number, writer: WriterId): MemoryOwner {
    const first = this.ownerAt(address);
    let at = address;
    const end = address + length;
    while (at < end) {
      const chunk = Math.min(end - at, PAGE_SIZE - (at % PAGE_SIZE), this.#untilNextRegion(at));
      const page = this.#touch(at, chunk, writer);
      if (page !== undefined) {
        const from = at % PAGE_SIZE;
        page.bytes.fill((seed ^ (at / PAGE_SIZE)) & 0xff, from, from + chunk);
        page.lastWriter.fill(writer, Math.floor(from / BLOCK), Math.floor((from + chunk - 1) / BLOCK) + 1);
      }
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
    this.map = new MemoryMap(state.regions);
    this.#pages.clear();
    this.#lastFrame = -1;
    this.#lastPage = undefined;
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
      hash.words((this.#pages.get(frame) as Page).words);
    }
  }

  #find(address: Address): Page | undefined {
    const frame = Math.floor(address / PAGE_SIZE);
    if (frame === this.#lastFrame) return this.#lastPage;
    const page = this.#pages.get(frame);
    if (page !== undefined) {
      this.#lastFrame = frame;
      this.#lastPage = page;
    }
    return page;
  }

  /** Books a write of `length` bytes that stays within a page and a region; undefined where nothing is stored. */
  #touch(address: Address, length: number, writer: WriterId): Page | undefined {
    assert(address >= 0 && address < ADDRESS_LIMIT, `address ${address} has more than 52 bits`);
    let page = this.#find(address);
    let owner: number;
    if (page !== undefined && page.generation === this.map.generation && page.owner >= 0) owner = page.owner;
    else {
      owner = memoryOwners.indexOf(this.ownerAt(address));
      if (isBacked(memoryOwners[owner] as MemoryOwner)) {
        if (page === undefined) {
          page = newPage();
          this.#pages.set(Math.floor(address / PAGE_SIZE), page);
        }
        this.#classify(page, address);
      }
    }
    this.ledger.book(writer, owner, address, length);
    if (page === undefined || !isBacked(memoryOwners[owner] as MemoryOwner)) return undefined;
    page.lastWriter[Math.floor((address % PAGE_SIZE) / BLOCK)] = writer;
    return page;
  }

  #classify(page: Page, address: Address): void {
    const region = this.map.regionAt(address);
    const start = address - (address % PAGE_SIZE);
    const whole = region !== undefined && region.start <= start && region.end >= start + PAGE_SIZE;
    page.owner = whole ? memoryOwners.indexOf(region.owner) : -1;
    page.generation = this.map.generation;
  }

  #untilNextRegion(address: Address): number {
    const region = this.map.regionAt(address);
    return region === undefined ? PAGE_SIZE - (address % PAGE_SIZE) : region.end - address;
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

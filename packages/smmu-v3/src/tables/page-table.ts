import { type Address, AssertionError, assert, PAGE_SIZE } from '@quiesce/simulation';
import {
  bytesPerEntry,
  DESCRIPTOR_READ_ONLY,
  DESCRIPTOR_S2_READ,
  DESCRIPTOR_S2_WRITE,
  descriptorAddress,
  descriptorKind,
  type LeafAccess,
  leafDescriptor,
  tableDescriptor,
  tableIndex,
} from './page-descriptor.ts';
import { newPages, type TableStorage } from './table-storage.ts';

/** Which table: stage 1 of a context descriptor or stage 2 of a stream table entry. */
export interface PageTableOptions extends TableStorage {
  readonly stage: 1 | 2;
  /** 4 (48 bits), 3 (39 bits) or 2 (30 bits). */
  readonly levels: number;
}

/** Answer of {@link PageTable.lookup}. */
export interface PageLookup {
  readonly present: boolean;
  /** Where the address goes; 0 if not present. */
  readonly physical: Address;
  readonly read: boolean;
  readonly write: boolean;
  /** Level of the last descriptor read: 3 is a page of 4 KiB. */
  readonly level: number;
  /** Physical address of the last descriptor read. */
  readonly entryAddress: Address;
}

/** A leaf of a table. */
export interface PageMapping {
  readonly address: Address;
  readonly physical: Address;
  readonly bytes: number;
  readonly read: boolean;
  readonly write: boolean;
}

/** A VMSAv8-64 page table with pages of 4 KiB in memory, as a kernel builds and changes it. */
export class PageTable {
  readonly root: Address;
  readonly stage: 1 | 2;
  readonly levels: number;
  readonly #storage: TableStorage;

  /** A new, empty table, or with `root` the one that is there. */
  constructor(options: PageTableOptions & { readonly root?: Address }) {
    assert(options.levels >= 2 && options.levels <= 4, `a page table has no ${options.levels} levels`);
    this.stage = options.stage;
    this.levels = options.levels;
    this.#storage = options;
    this.root = options.root ?? newPages(options, 1);
  }

  /** Opens the table at `root`. */
  static at(root: Address, options: PageTableOptions): PageTable {
    return new PageTable({ ...options, root });
  }

  /** One above the highest input address. */
  get limit(): Address {
    return 2 ** (12 + 9 * this.levels);
  }

  /**
   * Maps `bytes` from `address` on to `physical` on, all multiples of 4 KiB, in leaves of at most `largest` bytes
   * (4 KiB by default). What was mapped there is replaced.
   */
  map(
    address: Address,
    physical: Address,
    bytes: number,
    access: LeafAccess,
    largest: number = PAGE_SIZE,
  ): void {
    this.#checkRange(address, bytes);
    if (physical % PAGE_SIZE !== 0) throw new AssertionError(`${physical} is not page aligned`);
    for (let done = 0; done < bytes; ) {
      let level = 3;
      for (const candidate of [1, 2]) {
        const size = bytesPerEntry(candidate);
        const fits = (address + done) % size === 0 && (physical + done) % size === 0 && bytes - done >= size;
        if (level === 3 && size <= largest && fits) level = candidate;
      }
      const { low, high } = leafDescriptor(this.stage, level, physical + done, access);
      this.#write(this.#entryFor(address + done, level), low, high);
      done += bytesPerEntry(level);
    }
  }

  /** Clears the leaves of a range; a block that is cut goes away as a whole. @returns bytes that were mapped */
  unmap(address: Address, bytes: number): number {
    this.#checkRange(address, bytes);
    let cleared = 0;
    for (let at = address; at < address + bytes; ) {
      const found = this.lookup(at);
      const size = bytesPerEntry(found.level);
      if (found.present) {
        this.#write(found.entryAddress, 0, 0);
        cleared += size;
      }
      at = at - (at % size) + size;
    }
    return cleared;
  }

  /** Walks the table as the unit does, without caches and checks. */
  lookup(address: Address): PageLookup {
    const { memory } = this.#storage;
    let table = this.root;
    for (let level = 4 - this.levels; ; level++) {
      const entryAddress = table + tableIndex(address, level) * 8;
      const low = memory.read32(entryAddress);
      const kind = descriptorKind(low, level);
      if (kind === 'invalid')
        return { present: false, physical: 0, read: false, write: false, level, entryAddress };
      table = descriptorAddress(low, memory.read32(entryAddress + 4));
      if (kind === 'leaf') {
        const size = bytesPerEntry(level);
        const physical = table - (table % size) + (address % size);
        return { present: true, physical, ...this.#rights(low), level, entryAddress };
      }
    }
  }

  /** Every leaf in order of address; at most `limit` descriptors are read, so that garbage ends too. */
  *mappings(limit = 1_000_000): IterableIterator<PageMapping> {
    yield* this.#leavesOf(this.root, 4 - this.levels, 0, { left: limit });
  }

  *#leavesOf(
    table: Address,
    level: number,
    base: Address,
    budget: { left: number },
  ): IterableIterator<PageMapping> {
    const { memory } = this.#storage;
    const size = bytesPerEntry(level);
    for (let i = 0; i < 512 && budget.left > 0; i++) {
      budget.left--;
      const low = memory.read32(table + 8 * i);
      const kind = descriptorKind(low, level);
      if (kind === 'invalid') continue;
      const next = descriptorAddress(low, memory.read32(table + 8 * i + 4));
      const address = base + i * size;
      if (kind === 'table') yield* this.#leavesOf(next, level + 1, address, budget);
      else yield { address, physical: next - (next % size), bytes: size, ...this.#rights(low) };
    }
  }

  #rights(low: number): LeafAccess {
    if (this.stage === 1) return { read: true, write: (low & DESCRIPTOR_READ_ONLY) === 0 };
    return { read: (low & DESCRIPTOR_S2_READ) !== 0, write: (low & DESCRIPTOR_S2_WRITE) !== 0 };
  }

  /** Address of the descriptor of `address` at `level`, with the tables above it made; a block above is replaced. */
  #entryFor(address: Address, level: number): Address {
    const { memory } = this.#storage;
    let table = this.root;
    for (let at = 4 - this.levels; ; at++) {
      const entryAddress = table + tableIndex(address, at) * 8;
      if (at === level) return entryAddress;
      const low = memory.read32(entryAddress);
      if (descriptorKind(low, at) === 'table') {
        table = descriptorAddress(low, memory.read32(entryAddress + 4));
      } else {
        table = newPages(this.#storage, 1);
        const pointer = tableDescriptor(table);
        this.#write(entryAddress, pointer.low, pointer.high);
      }
    }
  }

  /** The dword with the valid bit goes last when a descriptor appears, and first when it goes away. */
  #write(at: Address, low: number, high: number): void {
    const { memory, writer = 0 } = this.#storage;
    if (low !== 0) memory.write32(at + 4, high >>> 0, writer);
    memory.write32(at, low >>> 0, writer);
    if (low === 0) memory.write32(at + 4, high >>> 0, writer);
  }

  #checkRange(address: Address, bytes: number): void {
    if (address % PAGE_SIZE !== 0 || bytes % PAGE_SIZE !== 0) {
      throw new AssertionError(`${address} + ${bytes} is not page aligned`);
    }
    if (!(bytes > 0 && address >= 0 && address + bytes <= this.limit)) {
      throw new AssertionError(`${address} + ${bytes} leaves the table`);
    }
  }
}

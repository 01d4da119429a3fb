import {
  type Address,
  AssertionError,
  assert,
  type MemoryAccess,
  PAGE_SIZE,
  type WriterId,
} from '@quiesce/simulation';
import {
  bytesPerEntry,
  PAGE_ENTRY_BYTES,
  pageEntryAddress,
  pageTableIndex,
  SECOND_LEVEL_READ,
  SECOND_LEVEL_SNOOP,
  SECOND_LEVEL_SUPERPAGE,
  SECOND_LEVEL_WRITE,
  secondLevelEntry,
  secondLevelPresent,
} from './page-entry.ts';
import {
  type SecondLevelMapping,
  secondLevelMappings,
  type TableWalkOptions,
} from './second-level-mappings.ts';

/** Where software builds tables. */
export interface TableStorage {
  readonly memory: MemoryAccess;
  /** In whose name entries are written; not needed where the memory knows that itself. */
  readonly writer?: WriterId;
  /** Hands out a zeroed page of 4 KiB. Without it a table can be read and unmapped, not extended. */
  readonly allocatePage?: () => Address;
}

/** What a mapping allows, and in pages of which size. */
export interface MappingAccess {
  readonly read: boolean;
  readonly write: boolean;
  readonly snoop?: boolean;
  /** Largest leaf to use: level 1 (4 KiB, default), 2 (2 MiB) or 3 (1 GiB). */
  readonly largestLevel?: 1 | 2 | 3;
}

/** Answer of {@link SecondLevelTable.lookup}. */
export interface SecondLevelLookup {
  readonly present: boolean;
  /** Where `iova` goes; 0 if not present. */
  readonly physical: Address;
  /** Permissions, taken together over all levels. */
  readonly read: boolean;
  readonly write: boolean;
  /** Level of the last entry read: 1 = 4 KiB leaf. */
  readonly level: number;
  /** Physical address of the last entry read. */
  readonly entryAddress: Address;
}

/** A second-level page table (VT-d 3.7, 9.8) in memory, as a kernel's remapping driver builds and changes it. */
export class SecondLevelTable {
  readonly root: Address;
  /** 3, 4 or 5. */
  readonly levels: number;
  readonly #memory: MemoryAccess;
  readonly #writer: WriterId;
  readonly #allocatePage: (() => Address) | undefined;

  /** A new, empty table, or with `root` the one that is there. */
  constructor(options: TableStorage & { readonly levels: number; readonly root?: Address }) {
    assert(
      options.levels >= 2 && options.levels <= 5,
      `a second-level table has no ${options.levels} levels`,
    );
    this.levels = options.levels;
    this.#memory = options.memory;
    this.#writer = options.writer ?? 0;
    this.#allocatePage = options.allocatePage;
    this.root = options.root ?? this.#newPage();
  }

  /** Opens the table at `root`. */
  static at(root: Address, options: TableStorage & { readonly levels: number }): SecondLevelTable {
    return new SecondLevelTable({ ...options, root });
  }

  /** One above the highest I/O virtual address of the table. */
  get limit(): Address {
    return 2 ** (12 + 9 * this.levels);
  }

  /**
   * Maps `bytes` from `iova` on to `physical` on; all three are multiples of 4 KiB. What was mapped there is replaced.
   * A range that leaves the table is a programmer's mistake.
   */
  map(iova: Address, physical: Address, bytes: number, access: MappingAccess): void {
    this.#checkRange(iova, bytes);
    if (physical % PAGE_SIZE !== 0) throw new AssertionError(`${physical} is not page aligned`);
    const largest = access.largestLevel ?? 1;
    let done = 0;
    let entry = 0;
    let entryLevel = 0;
    while (done < bytes) {
      let level: number = largest;
      while (level > 1) {
        const size = bytesPerEntry(level);
        if ((iova + done) % size === 0 && (physical + done) % size === 0 && bytes - done >= size) break;
        level--;
      }
      // The entries of one table follow each other.
      const follows = level === entryLevel && pageTableIndex(iova + done, level) !== 0;
      entry = follows ? entry + PAGE_ENTRY_BYTES : this.#entryFor(iova + done, level);
      entryLevel = level;
      const { low, high } = secondLevelEntry({
        address: physical + done,
        read: access.read,
        write: access.write,
        superpage: level > 1,
        snoop: access.snoop ?? false,
      });
      this.#write(entry, low, high);
      done += bytesPerEntry(level);
    }
  }

  /**
   * Clears the leaves of a range; a superpage that is cut is divided first. Table pages stay, as they do in Linux
   * while the domain lives.
   * @returns bytes that were mapped
   */
  unmap(iova: Address, bytes: number): number {
    this.#checkRange(iova, bytes);
    const end = iova + bytes;
    let cleared = 0;
    let at = iova;
    while (at < end) {
      const found = this.lookup(at);
      const size = bytesPerEntry(found.level);
      const next = at - (at % size) + size;
      if (!found.present) at = next;
      else if (at % size === 0 && next <= end) {
        this.#write(found.entryAddress, 0, 0);
        cleared += size;
        at = next;
      } else this.#divide(found.entryAddress, found.level);
    }
    return cleared;
  }

  /** Walks the table as the unit does, without its caches and reserved-bit checks. */
  lookup(iova: Address): SecondLevelLookup {
    let table = this.root;
    let read = true;
    let write = true;
    for (let level = this.levels; ; level--) {
      const entryAddress = table + pageTableIndex(iova, level) * PAGE_ENTRY_BYTES;
      const low = this.#memory.read32(entryAddress);
      const high = this.#memory.read32(entryAddress + 4);
      read &&= (low & SECOND_LEVEL_READ) !== 0;
      write &&= (low & SECOND_LEVEL_WRITE) !== 0;
      if (!secondLevelPresent(low)) {
        return { present: false, physical: 0, read: false, write: false, level, entryAddress };
      }
      table = pageEntryAddress(low, high);
      if (level === 1 || (low & SECOND_LEVEL_SUPERPAGE) !== 0) {
        const size = bytesPerEntry(level);
        const physical = table - (table % size) + (iova % size);
        return { present: true, physical, read, write, level, entryAddress };
      }
    }
  }

  /** Every leaf in order of address; see {@link secondLevelMappings} for what garbage does. */
  entries(options: TableWalkOptions = {}): IterableIterator<SecondLevelMapping> {
    return secondLevelMappings(this.#memory, this.root, this.levels, options);
  }

  /** Ranges of I/O virtual addresses that are mapped, joined where they touch. `end` is one above the last byte. */
  ranges(options: TableWalkOptions = {}): { start: Address; end: Address }[] {
    const result: { start: Address; end: Address }[] = [];
    for (const { iova, bytes } of this.entries(options)) {
      const last = result.at(-1);
      if (last !== undefined && last.end === iova) last.end = iova + bytes;
      else result.push({ start: iova, end: iova + bytes });
    }
    return result;
  }

  /** A table of the same mappings in pages of the new storage; leaves keep their size and flags. */
  copyTo(storage: TableStorage, options: TableWalkOptions = {}): SecondLevelTable {
    const copy = new SecondLevelTable({ ...storage, levels: this.levels });
    for (const leaf of this.entries(options)) {
      copy.#write(copy.#entryFor(leaf.iova, leaf.level), leaf.low, leaf.high);
    }
    return copy;
  }

  /** Address of the entry of `iova` at `level`, with the tables above it made and superpages above it divided. */
  #entryFor(iova: Address, level: number): Address {
    let table = this.root;
    for (let at = this.levels; ; at--) {
      const entryAddress = table + pageTableIndex(iova, at) * PAGE_ENTRY_BYTES;
      if (at === level) return entryAddress;
      const low = this.#memory.read32(entryAddress);
      if (!secondLevelPresent(low)) {
        table = this.#newPage();
        const { low: pointer, high } = secondLevelEntry({ address: table, read: true, write: true });
        this.#write(entryAddress, pointer, high);
      } else {
        if ((low & SECOND_LEVEL_SUPERPAGE) !== 0) this.#divide(entryAddress, at);
        table = pageEntryAddress(this.#memory.read32(entryAddress), this.#memory.read32(entryAddress + 4));
      }
    }
  }

  #divide(entryAddress: Address, level: number): void {
    const low = this.#memory.read32(entryAddress);
    const high = this.#memory.read32(entryAddress + 4);
    const size = bytesPerEntry(level - 1);
    const base = pageEntryAddress(low, high);
    const start = base - (base % bytesPerEntry(level));
    const table = this.#newPage();
    for (let i = 0; i < 512; i++) {
      const piece = secondLevelEntry({
        address: start + i * size,
        read: (low & SECOND_LEVEL_READ) !== 0,
        write: (low & SECOND_LEVEL_WRITE) !== 0,
        superpage: level > 2,
        snoop: (low & SECOND_LEVEL_SNOOP) !== 0,
      });
      this.#write(table + i * PAGE_ENTRY_BYTES, piece.low, piece.high);
    }
    const pointer = secondLevelEntry({ address: table, read: true, write: true });
    this.#write(entryAddress, pointer.low, pointer.high);
  }

  /** The dword with the permissions goes last when an entry appears, and first when it goes away. */
  #write(entryAddress: Address, low: number, high: number): void {
    if (low === 0) {
      this.#memory.write32(entryAddress, low, this.#writer);
      this.#memory.write32(entryAddress + 4, high, this.#writer);
    } else {
      this.#memory.write32(entryAddress + 4, high, this.#writer);
      this.#memory.write32(entryAddress, low, this.#writer);
    }
  }

  #newPage(): Address {
    assert(this.#allocatePage !== undefined, 'this table was opened without an allocator');
    const page = this.#allocatePage();
    assert(page % PAGE_SIZE === 0, `the allocator returned ${page}, which is not page aligned`);
    return page;
  }

  #checkRange(iova: Address, bytes: number): void {
    if (!(iova % PAGE_SIZE === 0 && bytes % PAGE_SIZE === 0)) {
      throw new AssertionError(`${iova} + ${bytes} is not page aligned`);
    }
    if (!(bytes > 0 && iova >= 0 && iova + bytes <= this.limit)) {
      throw new AssertionError(`${iova} + ${bytes} leaves the table`);
    }
  }
}

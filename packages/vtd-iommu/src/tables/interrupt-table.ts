import {
  type Address,
  assert,
  type MemoryAccess,
  PAGE_SIZE,
  UserError,
  type WriterId,
} from '@quiesce/simulation';
import { type EntryWords, readWords, writeWords } from './entry-words.ts';
import { INTERRUPT_ENTRY_BYTES, interruptPresent } from './interrupt-entry.ts';

/** Where an interrupt-remapping table is and how large. */
export interface InterruptTableOptions {
  /** With `isUntouched` (as `PhysicalMemory` has) pages of a large table that nobody wrote need not be read. */
  readonly memory: MemoryAccess & { isUntouched?(address: Address, length: number): boolean };
  readonly writer?: WriterId;
  /** Physical address, page aligned; the memory is zeroed, or the table of the old kernel. */
  readonly address: Address;
  /** A power of two, 2 .. 65536. Linux: 65536, which takes 1 MiB. */
  readonly entries: number;
}

/** The interrupt-remapping table (VT-d 5.1.4) as a kernel keeps it: which indices are taken, and what they say. */
export class InterruptTable {
  readonly address: Address;
  readonly entries: number;
  readonly #memory: InterruptTableOptions['memory'];
  readonly #writer: WriterId;
  readonly #taken: Uint8Array;

  constructor(options: InterruptTableOptions) {
    const size = Math.log2(options.entries);
    assert(Number.isInteger(size) && size >= 1 && size <= 16, `no table has ${options.entries} entries`);
    this.address = options.address;
    this.entries = options.entries;
    this.#memory = options.memory;
    this.#writer = options.writer ?? 0;
    this.#taken = new Uint8Array(options.entries);
  }

  /** Bytes of the table. */
  get bytes(): number {
    return this.entries * INTERRUPT_ENTRY_BYTES;
  }

  /**
   * Takes the lowest free run of `count` indices, aligned to `count` (a power of two), as multi-vector MSI needs.
   * @throws UserError `INTERRUPT_TABLE_FULL`
   */
  allocate(count = 1): number {
    for (let first = 0; first + count <= this.entries; first += count) {
      let free = true;
      for (let i = 0; i < count && free; i++) free = this.#taken[first + i] === 0;
      if (!free) continue;
      this.#taken.fill(1, first, first + count);
      return first;
    }
    throw new UserError('INTERRUPT_TABLE_FULL', `no ${count} free entries in a table of ${this.entries}`);
  }

  /** Marks an index as taken without writing it. */
  reserve(index: number): void {
    this.#taken[this.#check(index)] = 1;
  }

  isTaken(index: number): boolean {
    return this.#taken[this.#check(index)] === 1;
  }

  entryAddress(index: number): Address {
    return this.address + this.#check(index) * INTERRUPT_ENTRY_BYTES;
  }

  read(index: number): EntryWords {
    return readWords(this.#memory, this.entryAddress(index), 4);
  }

  /** Writes an entry and takes its index. */
  set(index: number, words: EntryWords): void {
    assert(words.length === 4, 'an interrupt entry has 4 dwords');
    this.#taken[this.#check(index)] = 1;
    writeWords(this.#memory, this.entryAddress(index), words, this.#writer);
  }

  /** Clears an entry, the dword with the Present bit first, and frees its index. */
  clear(index: number): void {
    const address = this.entryAddress(index);
    for (let i = 0; i < INTERRUPT_ENTRY_BYTES; i += 4) this.#memory.write32(address + i, 0, this.#writer);
    this.#taken[index] = 0;
  }

  /** Present entries in order of index. Entries that read as all ones (nothing is there) are skipped. */
  *present(): IterableIterator<{ readonly index: number; readonly words: EntryWords }> {
    const perPage = Math.min(this.entries, PAGE_SIZE / INTERRUPT_ENTRY_BYTES);
    for (let first = 0; first < this.entries; first += perPage) {
      const bytes = perPage * INTERRUPT_ENTRY_BYTES;
      if (this.#memory.isUntouched?.(this.entryAddress(first), bytes) === true) continue;
      for (let index = first; index < first + perPage; index++) {
        if (!interruptPresent(this.#memory.read32(this.entryAddress(index)))) continue;
        const words = this.read(index);
        if (words.some((word) => word !== 0xffff_ffff)) yield { index, words };
      }
    }
  }

  /** Copies the present entries of the old kernel's table and reserves their indices; returns how many. */
  copyFrom(old: InterruptTable): number {
    let count = 0;
    for (const { index, words } of old.present()) {
      if (index >= this.entries) break;
      this.set(index, words);
      count++;
    }
    return count;
  }

  #check(index: number): number {
    assert(Number.isInteger(index) && index >= 0 && index < this.entries, `there is no entry ${index}`);
    return index;
  }
}

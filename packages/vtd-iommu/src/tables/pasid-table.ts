import { type Address, assert, type MemoryAccess, type WriterId } from '@quiesce/simulation';
import { type EntryWords, readWords, writeWords } from './entry-words.ts';
import {
  PASID_DIRECTORY_ENTRY_BYTES,
  PASID_ENTRY_BYTES,
  pasidDirectoryEntry,
  pasidDirectoryPresent,
  pasidDirectoryTable,
} from './pasid-entry.ts';
import type { TableStorage } from './second-level-table.ts';

/** A PASID directory and its tables (VT-d 3.4.3). A directory of one page reaches PASIDs below 2^15. */
export class PasidTable {
  /** Physical address of the directory. */
  readonly directory: Address;
  readonly #memory: MemoryAccess;
  readonly #writer: WriterId;
  readonly #allocatePage: (() => Address) | undefined;

  constructor(options: TableStorage & { readonly directory?: Address }) {
    this.#memory = options.memory;
    this.#writer = options.writer ?? 0;
    this.#allocatePage = options.allocatePage;
    this.directory = options.directory ?? this.#newPage();
  }

  /** Opens the directory at `directory`. */
  static at(directory: Address, options: TableStorage): PasidTable {
    return new PasidTable({ ...options, directory });
  }

  /** Address of a PASID's entry, undefined if its directory entry is not present. */
  entryAddress(pasid: number): Address | undefined {
    const slot = this.directory + (pasid >>> 6) * PASID_DIRECTORY_ENTRY_BYTES;
    const low = this.#memory.read32(slot);
    if (!pasidDirectoryPresent(low)) return undefined;
    return pasidDirectoryTable(low, this.#memory.read32(slot + 4)) + (pasid & 0x3f) * PASID_ENTRY_BYTES;
  }

  /** Sixteen dwords, undefined if there is no table for this PASID. */
  entry(pasid: number): EntryWords | undefined {
    const address = this.entryAddress(pasid);
    return address === undefined ? undefined : readWords(this.#memory, address, PASID_ENTRY_BYTES / 4);
  }

  setEntry(pasid: number, words: EntryWords): void {
    assert(words.length === PASID_ENTRY_BYTES / 4, 'a PASID entry has 16 dwords');
    let address = this.entryAddress(pasid);
    if (address === undefined) {
      const table = this.#newPage();
      const { low, high } = pasidDirectoryEntry(table);
      const slot = this.directory + (pasid >>> 6) * PASID_DIRECTORY_ENTRY_BYTES;
      writeWords(this.#memory, slot, [low, high], this.#writer);
      address = table + (pasid & 0x3f) * PASID_ENTRY_BYTES;
    }
    writeWords(this.#memory, address, words, this.#writer);
  }

  #newPage(): Address {
    assert(this.#allocatePage !== undefined, 'this table was opened without an allocator');
    return this.#allocatePage();
  }
}

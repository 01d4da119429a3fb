import { type Address, assert, type MemoryAccess, PAGE_SIZE, type WriterId } from '@quiesce/simulation';
import { CONTEXT_ENTRY_BYTES, contextPresent } from './context-entry.ts';
import { type EntryWords, pointerHigh, pointerLow, readWords, writeWords } from './entry-words.ts';
import { ROOT_ENTRY_BYTES, ROOT_PRESENT, rootContextTable, rootPresent } from './root-entry.ts';
import { SCALABLE_CONTEXT_ENTRY_BYTES } from './scalable-context-entry.ts';
import type { TableStorage } from './second-level-table.ts';
import type { TableNote } from './table-note.ts';

/** Where a root table is kept and of which mode it is. */
export interface RootTableOptions extends TableStorage {
  readonly scalable: boolean;
}

/** A context entry where it stands. */
export interface PlacedContext {
  readonly requesterId: number;
  readonly address: Address;
  /** 4 dwords in legacy mode, 8 in scalable mode. */
  readonly words: EntryWords;
}

/** The root table and its context tables (VT-d 3.4), legacy or scalable, as a kernel's remapping driver keeps them. */
export class RootTable {
  readonly address: Address;
  readonly scalable: boolean;
  readonly #memory: MemoryAccess;
  readonly #writer: WriterId;
  readonly #allocatePage: (() => Address) | undefined;

  /** A new, empty table, or with `address` the one that is there. */
  constructor(options: RootTableOptions & { readonly address?: Address }) {
    this.scalable = options.scalable;
    this.#memory = options.memory;
    this.#writer = options.writer ?? 0;
    this.#allocatePage = options.allocatePage;
    this.address = options.address ?? this.#newPage();
  }

  /** Opens the table at `address`. */
  static at(address: Address, options: RootTableOptions): RootTable {
    return new RootTable({ ...options, address });
  }

  /** Bytes of a context entry in this mode. */
  get contextBytes(): number {
    return this.scalable ? SCALABLE_CONTEXT_ENTRY_BYTES : CONTEXT_ENTRY_BYTES;
  }

  /**
   * Context table of a bus, undefined if its root entry is not present.
   * @param half in scalable mode: 0 for devfn 0x00 .. 0x7f, 1 for 0x80 .. 0xff
   */
  contextTableAddress(bus: number, half: 0 | 1 = 0): Address | undefined {
    const entry = this.#halfAddress(bus, half);
    const low = this.#memory.read32(entry);
    return rootPresent(low) ? rootContextTable(low, this.#memory.read32(entry + 4)) : undefined;
  }

  /** Points the root entry of a bus (its half) at a context table. */
  setContextTable(bus: number, half: 0 | 1, table: Address): void {
    assert(table % PAGE_SIZE === 0, `${table} is not page aligned`);
    const words = [pointerLow(table, ROOT_PRESENT), pointerHigh(table)];
    writeWords(this.#memory, this.#halfAddress(bus, half), words, this.#writer);
  }

  /** Address of a requester's context entry, undefined if there is no table for it. */
  contextEntryAddress(requesterId: number): Address | undefined {
    const table = this.contextTableAddress(requesterId >>> 8, this.#half(requesterId));
    return table === undefined ? undefined : table + this.#index(requesterId) * this.contextBytes;
  }

  /** The entry's dwords; undefined if there is no table for it. The entry need not be present. */
  context(requesterId: number): EntryWords | undefined {
    const address = this.contextEntryAddress(requesterId);
    return address === undefined ? undefined : readWords(this.#memory, address, this.contextBytes / 4);
  }

  /** Writes an entry, with a context table if there is none. */
  setContext(requesterId: number, words: EntryWords): void {
    assert(
      words.length === this.contextBytes / 4,
      `a context entry has ${this.contextBytes / 4} dwords here`,
    );
    let address = this.contextEntryAddress(requesterId);
    if (address === undefined) {
      const table = this.#newPage();
      this.setContextTable(requesterId >>> 8, this.#half(requesterId), table);
      address = table + this.#index(requesterId) * this.contextBytes;
    }
    writeWords(this.#memory, address, words, this.#writer);
  }

  /** Clears an entry, the dword with the Present bit first; nothing to do if there is no table for it. */
  clearContext(requesterId: number): void {
    const address = this.contextEntryAddress(requesterId);
    if (address === undefined) return;
    for (let i = 0; i < this.contextBytes; i += 4) this.#memory.write32(address + i, 0, this.#writer);
  }

  /**
   * Every present context entry in order of requester ID. The table may be garbage: an entry of all ones is skipped
   * and noted (`level` 1 a context entry, 2 a root entry).
   */
  *contexts(onNote?: (note: TableNote) => void): IterableIterator<PlacedContext> {
    for (let bus = 0; bus < 256; bus++) {
      for (const half of this.scalable ? ([0, 1] as const) : ([0] as const)) {
        const table = this.contextTableAddress(bus, half);
        if (table === undefined) continue;
        const rootEntry = this.#halfAddress(bus, half);
        if (
          this.#memory.read32(rootEntry) === 0xffff_ffff &&
          this.#memory.read32(rootEntry + 4) === 0xffff_ffff
        ) {
          onNote?.({ kind: 'unreadable', entryAddress: rootEntry, level: 2 });
          continue;
        }
        const count = this.scalable ? 128 : 256;
        for (let index = 0; index < count; index++) {
          const address = table + index * this.contextBytes;
          if (!contextPresent(this.#memory.read32(address))) continue;
          const words = readWords(this.#memory, address, this.contextBytes / 4);
          if (words.every((word) => word === 0xffff_ffff)) {
            onNote?.({ kind: 'unreadable', entryAddress: address, level: 1 });
          } else yield { requesterId: (bus << 8) | (half << 7) | index, address, words };
        }
      }
    }
  }

  #half(requesterId: number): 0 | 1 {
    return this.scalable && (requesterId & 0x80) !== 0 ? 1 : 0;
  }

  #index(requesterId: number): number {
    return requesterId & (this.scalable ? 0x7f : 0xff);
  }

  #halfAddress(bus: number, half: 0 | 1): Address {
    assert(bus >= 0 && bus <= 0xff, `there is no bus ${bus}`);
    return this.address + bus * ROOT_ENTRY_BYTES + half * 8;
  }

  #newPage(): Address {
    assert(this.#allocatePage !== undefined, 'this table was opened without an allocator');
    return this.#allocatePage();
  }
}

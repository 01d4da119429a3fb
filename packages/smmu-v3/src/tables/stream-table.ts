import { type Address, AssertionError, assert, PAGE_SIZE, pageAddress } from '@quiesce/simulation';
import { abortStreamEntry, STREAM_ENTRY_BYTES, STREAM_ENTRY_WORDS } from './stream-entry.ts';
import { effectiveSplit, StreamTableFormat, type StreamTablePlace } from './table-registers.ts';
import { newPages, readWords, type TableStorage, writeWords } from './table-storage.ts';

/** Bits of StreamID in level 2 that Linux chooses: a table for each PCI bus. */
export const USUAL_SPLIT = 8;

/** Level 1 descriptor (SMMUv3 5.1): Span, 0 where there is no table. */
export function spanOf(low: number): number {
  return low & 0x1f;
}

/** Level 1 descriptor: L2Ptr. */
export function secondLevelOf(low: number, high: number): Address {
  return pageAddress(low, high) + (low & 0xfc0);
}

/** How a new table is laid out. */
export interface StreamTableOptions extends TableStorage {
  /** Default two-level. */
  readonly format?: number;
  /** Bits of StreamID that it covers. */
  readonly log2Size: number;
  /** Default {@link USUAL_SPLIT}. */
  readonly split?: number;
  /** What streams without an entry of their own get; default abort. */
  readonly initial?: readonly number[];
}

/** A valid entry and where it stands. */
export interface StreamTableEntry {
  readonly streamId: number;
  readonly address: Address;
  readonly words: readonly number[];
}

/** A stream table in memory, as a kernel's driver builds and changes it. */
export class StreamTable {
  readonly place: StreamTablePlace;
  readonly #storage: TableStorage;
  readonly #initial: readonly number[];

  private constructor(place: StreamTablePlace, storage: TableStorage, initial: readonly number[]) {
    this.place = place;
    this.#storage = storage;
    this.#initial = initial;
  }

  /** A new table; a two-level one gets its second level stream by stream. */
  static create(options: StreamTableOptions): StreamTable {
    const { format = StreamTableFormat.twoLevel, log2Size, split = USUAL_SPLIT } = options;
    const initial = options.initial ?? abortStreamEntry();
    const linear = format === StreamTableFormat.linear;
    const bytes = linear ? STREAM_ENTRY_BYTES * 2 ** log2Size : 8 * 2 ** Math.max(0, log2Size - split);
    const address = newPages(options, pagesFor(bytes));
    const table = new StreamTable({ address, format, split, log2Size }, options, initial);
    if (linear) table.#fill(address, 2 ** log2Size);
    return table;
  }

  /** Opens the table that is there. Level 2 tables that are missing in it get `initial` entries, default abort. */
  static at(
    place: StreamTablePlace,
    storage: TableStorage,
    initial: readonly number[] = abortStreamEntry(),
  ): StreamTable {
    return new StreamTable(place, storage, initial);
  }

  /** Address of a stream's entry; undefined if the table has none for it. */
  entryAddress(streamId: number): Address | undefined {
    const { address, log2Size } = this.place;
    if (streamId < 0 || streamId >= 2 ** log2Size) return undefined;
    const split = this.#split;
    if (split === undefined) return address + streamId * STREAM_ENTRY_BYTES;
    const at = address + Math.floor(streamId / 2 ** split) * 8;
    const low = this.#storage.memory.read32(at);
    const span = spanOf(low);
    const index = streamId % 2 ** split;
    if (span === 0 || span > split + 1 || index >= 2 ** (span - 1)) return undefined;
    return secondLevelOf(low, this.#storage.memory.read32(at + 4)) + index * STREAM_ENTRY_BYTES;
  }

  /** The entry's sixteen dwords, valid or not; undefined if the table has none. */
  entry(streamId: number): readonly number[] | undefined {
    const at = this.entryAddress(streamId);
    return at === undefined ? undefined : readWords(this.#storage.memory, at, STREAM_ENTRY_WORDS);
  }

  /** Writes an entry, its first dword last. A StreamID beyond the table is a programmer's mistake. */
  setEntry(streamId: number, words: readonly number[]): Address {
    assert(words.length === STREAM_ENTRY_WORDS, 'a stream table entry has sixteen dwords');
    const at = this.entryAddress(streamId) ?? this.#makeSecondLevel(streamId);
    writeWords(this.#storage, at, words);
    return at;
  }

  /** Every valid entry, by StreamID; at most `limit` entries and descriptors are read, so that garbage ends too. */
  *entries(limit = 1_000_000): IterableIterator<StreamTableEntry> {
    const { log2Size } = this.place;
    const step = this.#split === undefined ? 1 : 2 ** this.#split;
    let left = limit;
    for (let base = 0; base < 2 ** log2Size && left > 0; base += step) {
      for (let streamId = base; streamId < base + step && left > 0; streamId++) {
        left--;
        const at = this.entryAddress(streamId);
        if (at === undefined) break;
        if ((this.#storage.memory.read32(at) & 1) === 0) continue;
        yield {
          streamId,
          address: at,
          words: readWords(this.#storage.memory, at, STREAM_ENTRY_WORDS),
        };
      }
    }
  }

  /** Undefined in a linear table; reserved formats are linear. */
  get #split(): number | undefined {
    const { format, split } = this.place;
    return format === StreamTableFormat.twoLevel ? effectiveSplit(split) : undefined;
  }

  #makeSecondLevel(streamId: number): Address {
    const { address, log2Size } = this.place;
    const split = this.#split;
    if (split === undefined || streamId < 0 || streamId >= 2 ** log2Size) {
      throw new AssertionError(`StreamID ${streamId} is beyond the stream table`);
    }
    const count = 2 ** split;
    const table = newPages(this.#storage, pagesFor(count * STREAM_ENTRY_BYTES));
    this.#fill(table, count);
    const low = (table % 0x1_0000_0000) + split + 1;
    writeWords(this.#storage, address + Math.floor(streamId / count) * 8, [
      low,
      Math.floor(table / 0x1_0000_0000),
    ]);
    return table + (streamId % count) * STREAM_ENTRY_BYTES;
  }

  /** Only dwords that are not 0: the pages are zeroed. */
  #fill(at: Address, count: number): void {
    const { memory, writer = 0 } = this.#storage;
    for (const [i, word] of this.#initial.entries()) {
      if (word === 0) continue;
      for (let n = 0; n < count; n++) memory.write32(at + n * STREAM_ENTRY_BYTES + 4 * i, word, writer);
    }
  }
}

function pagesFor(bytes: number): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(bytes / PAGE_SIZE)));
}

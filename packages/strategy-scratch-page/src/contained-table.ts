import type { OwnedMemory, PageAllocator } from '@quiesce/strategy';
import {
  bytesPerEntry,
  PAGE_ENTRY_BYTES,
  pageEntryAddress,
  pageTableIndex,
  secondLevelEntry,
} from '@quiesce/vtd-iommu';
import { fillTable, type SinkLevels } from './sink-levels.ts';

const GIB = 2 ** 30;
/** One above the I/O virtual addresses that a kernel hands out to a device without being asked for more. */
const LIMIT = 4 * GIB;
const LARGE = 2 ** 21;

/** I/O virtual addresses, `end` exclusive. */
export interface AddressRange {
  readonly start: number;
  readonly end: number;
}

/**
 * A page table that leads every address to the scratch page, except for single leaves. It begins as one page; below it,
 * pages are shared with all others until one of its own entries differs.
 */
export class ContainedTable {
  readonly levels: number;
  readonly root: number;
  readonly #memory: OwnedMemory;
  readonly #pages: PageAllocator;
  readonly #sinks: SinkLevels;
  /** Tables that are this one's alone. */
  readonly #own = new Set<number>();
  /** Pieces of 2 MiB below 4 GiB that old traffic may use. */
  readonly #used = new Set<number>();
  #opened: AddressRange | undefined;

  constructor(memory: OwnedMemory, pages: PageAllocator, sinks: SinkLevels, levels: number) {
    this.#memory = memory;
    this.#pages = pages;
    this.#sinks = sinks;
    this.levels = levels;
    this.root = this.#newTable(levels);
  }

  /** One above the highest address of the table. */
  get limit(): number {
    return 2 ** (12 + 9 * this.levels);
  }

  /** Old traffic may use these addresses: no window is opened here. */
  use(start: number, bytes: number): void {
    const end = Math.min(start + bytes, LIMIT);
    for (let at = start - (start % LARGE); at < end; at += LARGE) this.#used.add(at / LARGE);
  }

  /** One leaf of `level` (1 = 4 KiB) at `iova`, which is aligned to it. */
  setLeaf(iova: number, level: number, physical: number, access: { read: boolean; write: boolean }): void {
    const entry = this.#entry(iova, level);
    this.#write(entry, secondLevelEntry({ address: physical, ...access, superpage: level > 1 }));
  }

  /**
   * Takes the sink away from addresses below 4 GiB that old traffic does not use, for new mappings: the highest free GiB,
   * or the longest run of free pieces of 2 MiB.
   * @returns the window, undefined if nothing is free
   */
  openWindow(): AddressRange | undefined {
    this.#opened ??= this.#freeGigabyte() ?? this.#freeRun();
    const window = this.#opened;
    if (window === undefined) return undefined;
    const level = (window.end - window.start) % GIB === 0 ? 3 : 2;
    for (let at = window.start; at < window.end; at += bytesPerEntry(level)) {
      this.#write(this.#entry(at, level), { low: 0, high: 0 });
    }
    return window;
  }

  /**
   * Addresses of `[start, end)`, whole GiB, that old traffic does not use become physical: for a kernel whose drivers
   * know no others, and for devices whose addresses were. `gigabytes`: the unit takes leaves of that size, of which a
   * page holds 512.
   */
  openIdentity(start: number, end: number, gigabytes = false): void {
    const limit = Math.min(end, this.limit, start + 512 * GIB);
    for (let at = start; at < limit; at += GIB) {
      if (gigabytes && this.#isFree(at, at + GIB)) {
        this.setLeaf(at, 3, at, { read: true, write: true });
        continue;
      }
      if (this.#isFree(at, at + GIB)) {
        const table = this.#sinks.identity(at);
        this.#write(this.#entry(at, 3), secondLevelEntry({ address: table, read: true, write: true }));
        continue;
      }
      for (let piece = at; piece < at + GIB; piece += LARGE) {
        if (this.#isFree(piece, piece + LARGE)) this.setLeaf(piece, 2, piece, { read: true, write: true });
      }
    }
  }

  /** Where new mappings may go, once it was opened. */
  get window(): AddressRange | undefined {
    return this.#opened;
  }

  /** Below 4 GiB, everything outside of the window. */
  get closed(): readonly AddressRange[] {
    const window = this.#opened ?? { start: 0, end: 0 };
    return [
      { start: 0, end: window.start },
      { start: window.end, end: LIMIT },
    ].filter(({ start, end }) => end > start);
  }

  #freeGigabyte(): AddressRange | undefined {
    for (let start = LIMIT - GIB; start >= 0; start -= GIB) {
      if (this.#isFree(start, start + GIB)) return { start, end: start + GIB };
    }
    return undefined;
  }

  #freeRun(): AddressRange | undefined {
    let best: AddressRange | undefined;
    let start = 0;
    for (let end = LARGE; end <= LIMIT; end += LARGE) {
      if (!this.#isFree(end - LARGE, end)) start = end;
      else if (best === undefined || end - start >= best.end - best.start) best = { start, end };
    }
    return best;
  }

  #isFree(start: number, end: number): boolean {
    for (let at = start; at < end; at += LARGE) if (this.#used.has(at / LARGE)) return false;
    return true;
  }

  /** Address of the entry for `iova` at `level`, in a table of our own. */
  #entry(iova: number, level: number): number {
    let table = this.root;
    for (let at = this.levels; ; at--) {
      const entry = table + pageTableIndex(iova, at) * PAGE_ENTRY_BYTES;
      if (at === level) return entry;
      const next = pageEntryAddress(this.#memory.read32(entry), this.#memory.read32(entry + 4));
      if (this.#own.has(next)) table = next;
      else {
        table = this.#newTable(at - 1);
        this.#write(entry, secondLevelEntry({ address: table, read: true, write: true }));
      }
    }
  }

  #newTable(level: number): number {
    const address = this.#pages.allocate();
    fillTable(this.#memory, address, this.#sinks.table(level - 1));
    this.#own.add(address);
    return address;
  }

  #write(entry: number, value: { readonly low: number; readonly high: number }): void {
    this.#memory.write32(entry + 4, value.high);
    this.#memory.write32(entry, value.low);
  }
}

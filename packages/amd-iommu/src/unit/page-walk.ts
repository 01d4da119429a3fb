import type { Address } from '@quiesce/simulation';
import {
  bytesAtLevel,
  encodedPageBytes,
  indexAtLevel,
  PAGE_PRESENT,
  PAGE_READ,
  PAGE_SIZE_IN_ADDRESS,
  PAGE_WRITE,
  pageEntryAddress,
  pageEntryLevel,
} from '../tables/page-entry.ts';
import type { TableAccess } from './table-access.ts';

/** How a walk ended. */
export const WalkEnd = { page: 0, notPresent: 1, illegal: 2, unreadable: 3 } as const;

/** Result of {@link PageWalk.walk}, filled in place. */
export class PageWalk {
  end: number = WalkEnd.notPresent;
  /** Frame of 4 KiB, where the walk ended at a page. */
  frame: Address = 0;
  /** 1 read, 2 write; taken together over all levels. */
  permissions = 0;
  /** The last entry read, 0 if none. */
  entryAddress: Address = 0;
  readonly #access: TableAccess;

  constructor(access: TableAccess) {
    this.#access = access;
  }

  /** Walks from `root`, a table of `levels`, for `address` (48882, 2.2.3). */
  walk(root: Address, levels: number, address: Address): void {
    const { memory } = this.#access;
    this.permissions = 3;
    this.entryAddress = 0;
    this.end = WalkEnd.notPresent;
    if (address >= bytesAtLevel(levels + 1)) return;
    let table = root;
    let level = levels;
    for (;;) {
      const at = table + 8 * indexAtLevel(address, level);
      this.entryAddress = at;
      if (this.#access.fails(at)) {
        this.end = WalkEnd.unreadable;
        return;
      }
      const low = memory.read32(at);
      if ((low & PAGE_PRESENT) === 0) return;
      const high = memory.read32(at + 4);
      if ((high & PAGE_READ) === 0) this.permissions &= ~1;
      if ((high & PAGE_WRITE) === 0) this.permissions &= ~2;
      const next = pageEntryLevel(low);
      const target = pageEntryAddress(low, high);
      if (next === 0 || next === PAGE_SIZE_IN_ADDRESS) {
        const bytes = next === 0 ? bytesAtLevel(level) : encodedPageBytes(target);
        const page = target - (target % bytes);
        this.frame = page + (address % bytes) - (address % 4096);
        this.end = WalkEnd.page;
        return;
      }
      // A table of a lower level; levels may be left out where the address bits are 0.
      if (next >= level || Math.floor((address % bytesAtLevel(level)) / bytesAtLevel(next + 1)) !== 0) {
        this.end = WalkEnd.illegal;
        return;
      }
      table = target;
      level = next;
    }
  }
}

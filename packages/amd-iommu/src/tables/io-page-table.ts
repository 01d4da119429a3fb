import { type Address, assert, type MemoryAccess, type WriterId } from '@quiesce/simulation';
import {
  bytesAtLevel,
  indexAtLevel,
  PAGE_PRESENT,
  pageEntryAddress,
  pageEntryLevel,
  pageTableEntry,
} from './page-entry.ts';
import type { AmdTableStorage } from './table-storage.ts';

/** An I/O page table of the host format (48882, 2.2.3), as a kernel's driver builds and changes it. Pages of 4 KiB. */
export class IoPageTable {
  readonly root: Address;
  /** 1 to 6. */
  readonly levels: number;
  readonly #memory: MemoryAccess;
  readonly #writer: WriterId;
  readonly #allocatePage: (() => Address) | undefined;

  /** A new, empty table, or with `root` the one that is there. */
  constructor(options: AmdTableStorage & { readonly levels: number; readonly root?: Address }) {
    assert(options.levels >= 1 && options.levels <= 6, `no I/O page table has ${options.levels} levels`);
    this.levels = options.levels;
    this.#memory = options.memory;
    this.#writer = options.writer ?? 0;
    this.#allocatePage = options.allocatePage;
    this.root = options.root ?? this.#newPage();
  }

  /** Maps `bytes` from `address` on to `physical`; all are multiples of 4 KiB. */
  map(
    address: Address,
    physical: Address,
    bytes: number,
    access: { readonly read: boolean; readonly write: boolean },
  ): void {
    for (let done = 0; done < bytes; done += 4096) {
      const at = this.#leaf(address + done, true);
      this.#write(at, pageTableEntry({ address: physical + done, nextLevel: 0, ...access }));
    }
  }

  /** Takes pages away; what the unit has cached of them stays until it is invalidated. */
  unmap(address: Address, bytes: number): void {
    for (let done = 0; done < bytes; done += 4096) {
      const at = this.#leaf(address + done, false);
      if (at !== 0) this.#write(at, [0, 0]);
    }
  }

  /** Where `address` goes, or undefined; permissions of upper levels are not looked at. */
  lookup(address: Address): Address | undefined {
    const at = this.#leaf(address, false);
    if (at === 0) return undefined;
    const low = this.#memory.read32(at);
    if ((low & PAGE_PRESENT) === 0) return undefined;
    return pageEntryAddress(low, this.#memory.read32(at + 4)) + (address % 4096);
  }

  /** Address of the entry of level 1, 0 if a table on the way is missing. */
  #leaf(address: Address, make: boolean): Address {
    assert(address < bytesAtLevel(this.levels + 1), `0x${address.toString(16)} is beyond the page table`);
    let table = this.root;
    for (let level = this.levels; level > 1; level--) {
      const at = table + 8 * indexAtLevel(address, level);
      const low = this.#memory.read32(at);
      if ((low & PAGE_PRESENT) !== 0) {
        assert(pageEntryLevel(low) === level - 1, 'this builder makes pages of 4 KiB only');
        table = pageEntryAddress(low, this.#memory.read32(at + 4));
        continue;
      }
      if (!make) return 0;
      table = this.#newPage();
      this.#write(at, pageTableEntry({ address: table, nextLevel: level - 1, read: true, write: true }));
    }
    return table + 8 * indexAtLevel(address, 1);
  }

  #write(at: Address, [low, high]: readonly [number, number]): void {
    this.#memory.write32(at + 4, high, this.#writer);
    this.#memory.write32(at, low, this.#writer);
  }

  #newPage(): Address {
    assert(this.#allocatePage !== undefined, 'this table has nobody who hands out pages');
    return this.#allocatePage();
  }
}

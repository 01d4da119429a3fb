import type { OwnedMemory, PageAllocator } from '@quiesce/strategy';
import { bytesPerEntry, PAGE_ENTRY_BYTES, PAGE_TABLE_ENTRIES, secondLevelEntry } from '@quiesce/vtd-iommu';

/**
 * The scratch page, and one page table a level in which every entry leads to it. All tables of all devices share them,
 * so that the whole of an address space costs a page a level.
 */
export class SinkLevels {
  readonly #memory: OwnedMemory;
  readonly #pages: PageAllocator;
  /** `[0]` is the scratch page, `[n]` the table of level n. */
  readonly #levels: number[] = [];
  readonly #identities = new Map<number, number>();

  constructor(memory: OwnedMemory, pages: PageAllocator) {
    this.#memory = memory;
    this.#pages = pages;
  }

  /** Physical address of the page that takes what is written and answers what is read. */
  get scratchPage(): number {
    return this.table(0);
  }

  /** A table of level 2 for the GiB at `start`, whose addresses are physical. */
  identity(start: number): number {
    const present = this.#identities.get(start);
    if (present !== undefined) return present;
    const table = identityTable(this.#memory, this.#pages, start);
    this.#identities.set(start, table);
    return table;
  }

  /** Physical address of the table whose entries, of `level` (1 = leaf), all lead to the scratch page. */
  table(level: number): number {
    const present = this.#levels[level];
    if (present !== undefined) return present;
    const address = level === 0 ? this.#pages.allocateForDma() : this.#pages.allocate();
    if (level > 0) fillTable(this.#memory, address, this.table(level - 1));
    this.#levels[level] = address;
    return address;
  }
}

/** One table of leaves of 2 MiB that lead to themselves. */
function identityTable(memory: OwnedMemory, pages: PageAllocator, start: number): number {
  const table = pages.allocate();
  for (let index = 0; index < PAGE_TABLE_ENTRIES; index++) {
    const address = start + index * bytesPerEntry(2);
    const { low, high } = secondLevelEntry({ address, read: true, write: true, superpage: true });
    memory.write32(table + index * PAGE_ENTRY_BYTES + 4, high);
    memory.write32(table + index * PAGE_ENTRY_BYTES, low);
  }
  return table;
}

/** Points every entry of a table page at `target`, readable and writable. */
export function fillTable(memory: OwnedMemory, address: number, target: number): void {
  const { low, high } = secondLevelEntry({ address: target, read: true, write: true });
  for (let index = 0; index < PAGE_TABLE_ENTRIES; index++) {
    const entry = address + index * PAGE_ENTRY_BYTES;
    if (high !== 0) memory.write32(entry + 4, high);
    memory.write32(entry, low);
  }
}

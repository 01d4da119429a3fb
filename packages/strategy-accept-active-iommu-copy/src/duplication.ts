import type { OwnedMemory, PageAllocator } from '@quiesce/strategy';

/** The tables of one unit do not fit into the limit that was set. */
export class DuplicationLimitReached extends Error {}

/** What duplicating one unit's tables needs and counts. */
export class Duplication {
  readonly memory: OwnedMemory;
  /** What was left out, and where. */
  readonly doubts: string[] = [];
  readonly #pages: PageAllocator;
  readonly #pageLimit: number;
  #pageCount = 0;

  constructor(memory: OwnedMemory, pages: PageAllocator, pageLimit: number) {
    this.memory = memory;
    this.#pages = pages;
    this.#pageLimit = pageLimit;
  }

  /** Pages taken so far. */
  get pageCount(): number {
    return this.#pageCount;
  }

  /** A zeroed page of the second kernel. @throws DuplicationLimitReached */
  newPage(): number {
    if (this.#pageCount >= this.#pageLimit) {
      throw new DuplicationLimitReached(`more than ${this.#pageLimit} pages of tables`);
    }
    this.#pageCount++;
    return this.#pages.allocate();
  }

  /** An entry of the old tables that cannot be right is left out; its requests will fault. */
  doubt(entryAddress: number, why: string): void {
    if (this.doubts.length < 16) this.doubts.push(`entry at 0x${entryAddress.toString(16)} ${why}`);
  }
}

import { type Address, assert, PAGE_SIZE, type PhysicalMemory } from '@quiesce/simulation';

/** Free pages of one kernel, handed out upwards from one range. Pages are zero when they are handed out. */
export class PagePool {
  readonly #memory: PhysicalMemory;
  readonly #end: Address;
  #next: Address;
  readonly start: Address;

  /** `start` and `end` (exclusive) are page aligned. */
  constructor(memory: PhysicalMemory, start: Address, end: Address) {
    assert(start % PAGE_SIZE === 0 && end > start, 'a page pool needs an aligned, non-empty range');
    this.#memory = memory;
    this.start = start;
    this.#next = start;
    this.#end = end;
  }

  /** Bytes handed out so far. */
  get used(): number {
    return this.#next - this.start;
  }

  /** `pages` contiguous pages, aligned to their own count rounded up to a power of two. */
  allocate(pages = 1): Address {
    const align = PAGE_SIZE * 2 ** Math.ceil(Math.log2(pages));
    const address = Math.ceil(this.#next / align) * align;
    assert(address + pages * PAGE_SIZE <= this.#end, 'the kernel is out of memory');
    this.#next = address + pages * PAGE_SIZE;
    return address;
  }

  /** True if the page at `address` was handed out by this pool. */
  owns(address: Address): boolean {
    return address >= this.start && address < this.#next;
  }

  /** The memory that the pages are in. */
  get memory(): PhysicalMemory {
    return this.#memory;
  }
}

import {
  type Address,
  assert,
  PAGE_SIZE,
  type PhysicalMemory,
  UserError,
  type WriterId,
} from '@quiesce/simulation';

const zeros: Uint8Array = new Uint8Array(PAGE_SIZE);

/** Free pages of one kernel, handed out upwards from one range. Pages are zero when they are handed out. */
export class PagePool {
  readonly #memory: PhysicalMemory;
  readonly #writer: WriterId;
  readonly #end: Address;
  #next: Address;
  readonly start: Address;

  /** `start` and `end` (exclusive) are page aligned; `writer` is whose pages they are. */
  constructor(memory: PhysicalMemory, start: Address, end: Address, writer: WriterId) {
    assert(start % PAGE_SIZE === 0 && end > start, 'a page pool needs an aligned, non-empty range');
    this.#memory = memory;
    this.#writer = writer;
    this.start = start;
    this.#next = start;
    this.#end = end;
  }

  /** Bytes handed out so far. */
  get used(): number {
    return this.#next - this.start;
  }

  /**
   * `pages` contiguous pages, aligned to their own count rounded up to a power of two.
   * @throws UserError `MACHINE_MEMORY` if the range has no room
   */
  allocate(pages = 1): Address {
    assert(Number.isInteger(pages) && pages > 0, `${pages} pages cannot be allocated`);
    const align = PAGE_SIZE * 2 ** Math.ceil(Math.log2(pages));
    const address = Math.ceil(this.#next / align) * align;
    if (address + pages * PAGE_SIZE > this.#end) {
      const size = this.#end - this.start;
      throw new UserError('MACHINE_MEMORY', `a kernel has used up ${size / 1024} KiB that its plan gives it`);
    }
    this.#next = address + pages * PAGE_SIZE;
    this.#clear(address, pages);
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

  /** Stray DMA may have been here before: only pages that somebody wrote need clearing. */
  #clear(address: Address, pages: number): void {
    const end = address + pages * PAGE_SIZE;
    for (let at = address; at < end; at += PAGE_SIZE) {
      if (!this.#memory.isUntouched(at, PAGE_SIZE)) this.#memory.writeBytes(at, zeros, this.#writer);
    }
  }
}

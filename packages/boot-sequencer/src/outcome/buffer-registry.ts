import { type Address, PAGE_SIZE } from '@quiesce/simulation';

/** Which kernel gave a page to a device. */
export type BufferKernel = 1 | 2;

/** Which page was given to which function by which kernel, so that leftover DMA can be told from wanted DMA. */
export class BufferRegistry {
  readonly #pages = new Map<number, number>();

  /** `kernel` gives the pages of `bytes` at `physical` to the function of index `fn` (below 2^20). */
  give(kernel: BufferKernel, fn: number, physical: Address, bytes: number): void {
    const last = Math.floor((physical + bytes - 1) / PAGE_SIZE);
    for (let frame = Math.floor(physical / PAGE_SIZE); frame <= last; frame++) {
      this.#pages.set(frame, fn * 4 + kernel);
    }
  }

  /** The kernel that gave the page at `address` to this function; 0 if nobody did. */
  givenTo(fn: number, address: Address): BufferKernel | 0 {
    const held = this.#pages.get(Math.floor(address / PAGE_SIZE));
    if (held === undefined || held >> 2 !== fn) return 0;
    return (held & 3) as BufferKernel;
  }
}

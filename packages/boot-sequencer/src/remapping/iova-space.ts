import { type Address, assert, PAGE_SIZE } from '@quiesce/simulation';

/**
 * I/O virtual addresses of one domain, handed out from the top of the 32-bit range downwards, as Linux does for
 * devices that are happy with 32 bits first. Reserved ranges are stepped over.
 */
export class IovaSpace {
  #next: Address;
  readonly #reserved: { readonly start: Address; readonly end: Address }[];

  /** `limit` is exclusive, 4 GiB by default. */
  constructor(
    reserved: readonly { readonly start: Address; readonly end: Address }[] = [],
    limit: Address = 0x1_0000_0000,
  ) {
    this.#next = limit;
    this.#reserved = [{ start: 0xfee0_0000, end: 0xfef0_0000 }, ...reserved];
  }

  /** No address of the range is given out from now on. */
  reserve(range: { readonly start: Address; readonly end: Address }): void {
    this.#reserved.push(range);
  }

  /** Start of a free range of `bytes`, rounded up to whole pages. */
  allocate(bytes: number): Address {
    const length = Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE;
    let start = this.#next - length;
    for (let moved = true; moved; ) {
      moved = false;
      for (const range of this.#reserved) {
        if (start < range.end && start + length > range.start) {
          start = range.start - (range.start % PAGE_SIZE) - length;
          moved = true;
        }
      }
    }
    assert(start > 0, 'no I/O virtual address is left');
    this.#next = start;
    return start;
  }
}

import { UserError } from '@quiesce/simulation';

/** Hands out naturally aligned ranges of a window, upwards. */
export class AddressAllocator {
  readonly #what: string;
  readonly #end: number;
  #next: number;

  /** `end` is exclusive. */
  constructor(what: string, start: number, end: number) {
    this.#what = what;
    this.#next = start;
    this.#end = end;
  }

  get next(): number {
    return this.#next;
  }

  /** @throws UserError `BUILD_SPACE` if the window is used up */
  take(size: number): number {
    this.align(size);
    const address = this.#next;
    this.#next += size;
    if (this.#next > this.#end) {
      throw new UserError('BUILD_SPACE', `no room for ${size} bytes in the ${this.#what} window`);
    }
    return address;
  }

  align(to: number): number {
    this.#next = Math.ceil(this.#next / to) * to;
    return this.#next;
  }
}

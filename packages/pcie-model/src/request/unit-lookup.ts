import type { RemappingUnit } from '@quiesce/simulation';

/** Which unit stands in the path of a requester. Asks once per requester and remembers: scopes do not change. */
export class UnitLookup {
  readonly #ask: (segment: number, requesterId: number) => RemappingUnit | undefined;
  #lastKey = -1;
  #last: RemappingUnit | undefined;
  readonly #known = new Map<number, RemappingUnit | undefined>();

  constructor(ask: (segment: number, requesterId: number) => RemappingUnit | undefined) {
    this.#ask = ask;
  }

  unit(segment: number, requesterId: number): RemappingUnit | undefined {
    const key = segment * 0x1_0000 + requesterId;
    // A requester seldom makes one request alone.
    if (key !== this.#lastKey) {
      this.#last = this.#lookUp(segment, requesterId, key);
      this.#lastKey = key;
    }
    return this.#last;
  }

  #lookUp(segment: number, requesterId: number, key: number): RemappingUnit | undefined {
    const known = this.#known.get(key);
    if (known !== undefined || this.#known.has(key)) return known;
    const found = this.#ask(segment, requesterId);
    this.#known.set(key, found);
    return found;
  }
}

import type { RemappingUnit } from '@quiesce/simulation';

/** Which unit stands in the path of a requester. Asks once per requester and remembers: scopes do not change. */
export class UnitLookup {
  readonly #ask: (segment: number, requesterId: number) => RemappingUnit | undefined;
  readonly #known = new Map<number, RemappingUnit | undefined>();

  constructor(ask: (segment: number, requesterId: number) => RemappingUnit | undefined) {
    this.#ask = ask;
  }

  unit(segment: number, requesterId: number): RemappingUnit | undefined {
    const key = segment * 0x1_0000 + requesterId;
    const known = this.#known.get(key);
    if (known !== undefined || this.#known.has(key)) return known;
    const found = this.#ask(segment, requesterId);
    this.#known.set(key, found);
    return found;
  }
}

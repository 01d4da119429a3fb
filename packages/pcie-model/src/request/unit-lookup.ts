import type { RemappingUnit } from '@quiesce/simulation';

/** A power of two. */
const RECENT = 256;

/** Which unit stands in the path of a requester. Asks once per requester and remembers: scopes do not change. */
export class UnitLookup {
  readonly #ask: (segment: number, requesterId: number) => RemappingUnit | undefined;
  /** Answers of late, by a few bits of the requester ID: a requester seldom makes one request alone. */
  readonly #recentKeys: Float64Array = new Float64Array(RECENT).fill(-1);
  readonly #recent: (RemappingUnit | undefined)[] = new Array(RECENT).fill(undefined);
  readonly #known = new Map<number, RemappingUnit | undefined>();

  constructor(ask: (segment: number, requesterId: number) => RemappingUnit | undefined) {
    this.#ask = ask;
  }

  unit(segment: number, requesterId: number): RemappingUnit | undefined {
    const key = segment * 0x1_0000 + requesterId;
    const place = (requesterId ^ (requesterId >>> 5)) & (RECENT - 1);
    if (this.#recentKeys[place] !== key) {
      this.#recent[place] = this.#lookUp(segment, requesterId, key);
      this.#recentKeys[place] = key;
    }
    return this.#recent[place];
  }

  #lookUp(segment: number, requesterId: number, key: number): RemappingUnit | undefined {
    const known = this.#known.get(key);
    if (known !== undefined || this.#known.has(key)) return known;
    const found = this.#ask(segment, requesterId);
    this.#known.set(key, found);
    return found;
  }
}

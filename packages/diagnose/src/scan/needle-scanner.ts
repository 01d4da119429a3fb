import { assert } from '@quiesce/simulation';

/** Finds the next of many byte strings in one pass, skipping most bytes (after Wu and Manber, 1994). */
export class NeedleScanner {
  readonly #shortest: number;
  /** How far to move on, by the two last bytes of the window. */
  readonly #shift: Uint8Array = new Uint8Array(0x10000);
  readonly #needles = new Map<number, readonly Uint8Array[]>();

  /** @param needles ASCII strings of at least two characters; the shortest decides how much is skipped. */
  constructor(needles: readonly string[]) {
    const encoded = needles.map((needle) => new TextEncoder().encode(needle));
    const shortest = Math.min(...encoded.map((needle) => needle.length));
    assert(shortest >= 2 && shortest < 256, 'needles have at least two bytes');
    this.#shortest = shortest;
    this.#shift.fill(shortest - 1);
    for (const needle of encoded) {
      for (let at = 0; at + 2 <= shortest; at++) {
        const block = blockAt(needle, at);
        this.#shift[block] = Math.min(this.#shift[block] as number, shortest - 2 - at);
      }
      const last = blockAt(needle, shortest - 2);
      this.#needles.set(last, [...(this.#needles.get(last) ?? []), needle]);
    }
  }

  /** Where the first needle at or after `from` starts, before `end`; -1 if there is none. */
  next(bytes: Uint8Array, from: number, end: number): number {
    const reach = this.#shortest - 2;
    const shifts = this.#shift;
    let at = from + reach;
    const stop = end - 1;
    while (at < stop) {
      const block = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
      const shift = shifts[block] as number;
      if (shift !== 0) {
        at += shift;
        continue;
      }
      const start = at - reach;
      for (const needle of this.#needles.get(block) ?? []) {
        if (start + needle.length <= end && holds(bytes, start, needle)) return start;
      }
      at++;
    }
    return -1;
  }
}

function blockAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

function holds(bytes: Uint8Array, at: number, needle: Uint8Array): boolean {
  for (let index = 0; index < needle.length; index++) {
    if (bytes[at + index] !== needle[index]) return false;
  }
  return true;
}

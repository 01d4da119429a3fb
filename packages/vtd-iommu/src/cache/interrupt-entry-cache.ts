import { assert, type RunningHash, type Snapshottable } from '@quiesce/simulation';

const SETS = 256;
const WAYS = 4;
/** Tag and four dwords. */
const FIELDS = 5;

/**
 * The interrupt entry cache (VT-d 6.2.8): entries by index, as they were when last read. An entry stays until it is
 * invalidated or replaced.
 */
export class InterruptEntryCache implements Snapshottable<Uint32Array> {
  /** A slot holds index + 1 (0: free) and the entry's dwords. */
  readonly words: Uint32Array = new Uint32Array(SETS * WAYS * FIELDS);
  readonly #victim: Uint8Array = new Uint8Array(SETS);

  /** Offset into {@link words} of the first dword of entry `index`, or -1. */
  find(index: number): number {
    const first = (index % SETS) * WAYS * FIELDS;
    for (let at = first; at < first + WAYS * FIELDS; at += FIELDS) {
      if (this.words[at] === index + 1) return at + 1;
    }
    return -1;
  }

  insert(index: number, word0: number, word1: number, word2: number, word3: number): number {
    const set = index % SETS;
    const first = set * WAYS * FIELDS;
    let at = -1;
    for (let way = WAYS - 1; way >= 0; way--) {
      const tag = this.words[first + way * FIELDS];
      if (tag === 0 || tag === index + 1) at = first + way * FIELDS;
    }
    if (at < 0) {
      const way = this.#victim[set] as number;
      this.#victim[set] = (way + 1) % WAYS;
      at = first + way * FIELDS;
    }
    this.words[at] = index + 1;
    this.words[at + 1] = word0;
    this.words[at + 2] = word1;
    this.words[at + 3] = word2;
    this.words[at + 4] = word3;
    return at + 1;
  }

  invalidateAll(): void {
    this.words.fill(0);
  }

  /** Entries `first` .. `first + count - 1`. */
  invalidate(first: number, count: number): void {
    for (let at = 0; at < this.words.length; at += FIELDS) {
      const tag = this.words[at] as number;
      if (tag > first && tag <= first + count) this.words[at] = 0;
    }
  }

  snapshot(): Uint32Array {
    const state = new Uint32Array(this.words.length + SETS);
    state.set(this.words);
    state.set(this.#victim, this.words.length);
    return state;
  }

  restore(state: Uint32Array): void {
    assert(state.length === this.words.length + SETS, 'interrupt entry cache state');
    this.words.set(state.subarray(0, this.words.length));
    this.#victim.set(state.subarray(this.words.length));
  }

  hashInto(hash: RunningHash): void {
    for (let at = 0; at < this.words.length; at += FIELDS) {
      if (this.words[at] === 0) continue;
      hash.word(at);
      for (let i = 0; i < FIELDS; i++) hash.word(this.words[at + i] as number);
    }
    hash.bytes(this.#victim);
  }
}

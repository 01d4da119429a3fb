import type { RunningHash } from '../state/running-hash.ts';
import type { Snapshottable } from '../state/snapshot.ts';

/** The four state words of the generator and the seed it was made from. */
export interface RandomState {
  readonly seed: number;
  readonly words: readonly [number, number, number, number];
}

/**
 * Seeded randomness: xoshiro128** (Blackman and Vigna 2018) over 32-bit words.
 * `split` gives streams that depend on the seed and a label only, never on how much was drawn before,
 * so that adding a draw in one place does not shift another.
 */
export class RandomStream implements Snapshottable<RandomState> {
  #seed: number;
  #s0: number;
  #s1: number;
  #s2: number;
  #s3: number;

  /** `seed` is an integer; its low 32 bits count. */
  constructor(seed: number) {
    this.#seed = seed >>> 0;
    let z = this.#seed;
    const next = (): number => {
      z = (z + 0x9e3779b9) >>> 0;
      let t = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      t = Math.imul(t ^ (t >>> 15), 0x735a2d97);
      return (t ^ (t >>> 15)) >>> 0;
    };
    this.#s0 = next() | 0;
    this.#s1 = next() | 0;
    this.#s2 = next() | 0;
    this.#s3 = next() | 1;
  }

  /** The low 32 bits of what the stream was made from. */
  get seed(): number {
    return this.#seed;
  }

  /** An independent stream named `label`. */
  split(label: string): RandomStream {
    let h = this.#seed ^ 0x811c9dc5;
    for (let i = 0; i < label.length; i++) h = Math.imul(h ^ label.charCodeAt(i), 0x01000193);
    return new RandomStream(h ^ (h >>> 15));
  }

  /** 0 .. 2^32 - 1 */
  nextUint32(): number {
    const s1 = this.#s1;
    const x = Math.imul(s1, 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0;
    const t = s1 << 9;
    this.#s2 ^= this.#s0;
    this.#s3 ^= s1;
    this.#s1 = s1 ^ this.#s2;
    this.#s0 ^= this.#s3;
    this.#s2 ^= t;
    const s3 = this.#s3;
    this.#s3 = (s3 << 11) | (s3 >>> 21);
    return result;
  }

  /** An integer of `low` .. `high`, both included; `high - low` below 2^32. */
  nextInteger(low: number, high: number): number {
    const span = high - low + 1;
    return low + Math.floor((this.nextUint32() / 0x1_0000_0000) * span);
  }

  /** 0 <= x < 1, in steps of 2^-32. */
  nextFraction(): number {
    return this.nextUint32() / 0x1_0000_0000;
  }

  /** True with probability `probability`. */
  nextBoolean(probability = 0.5): boolean {
    return this.nextFraction() < probability;
  }

  snapshot(): RandomState {
    return { seed: this.#seed, words: [this.#s0, this.#s1, this.#s2, this.#s3] };
  }

  restore(state: RandomState): void {
    this.#seed = state.seed;
    [this.#s0, this.#s1, this.#s2, this.#s3] = state.words;
  }

  hashInto(hash: RunningHash): void {
    hash.word(this.#seed);
    hash.word(this.#s0);
    hash.word(this.#s1);
    hash.word(this.#s2);
    hash.word(this.#s3);
  }
}

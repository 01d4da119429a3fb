/**
 * A 64-bit running hash over numbers and text: two 32-bit lanes of multiply and rotate (after MurmurHash3's mixing).
 * Not cryptographic; equal input gives equal output on every machine and engine.
 */
export class RunningHash {
  #a: number;
  #b: number;

  constructor(seed = 0) {
    this.#a = (seed ^ 0x9e3779b9) >>> 0;
    this.#b = (seed ^ 0x85ebca6b) >>> 0;
  }

  /** Mixes in the low 32 bits of `value`. */
  word(value: number): void {
    let k = Math.imul(value, 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    const a = this.#a ^ Math.imul(k, 0x1b873593);
    this.#a = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0;
    const b = Math.imul(this.#b ^ value, 0x01000193);
    this.#b = ((b << 7) | (b >>> 25)) + this.#a;
    this.#b |= 0;
  }

  /** Mixes in an integer of up to 53 bits, sign included. */
  number(value: number): void {
    this.word(value | 0);
    this.word(Math.floor(value / 0x1_0000_0000) | 0);
  }

  /** Mixes in the length, then each UTF-16 code unit. */
  text(value: string): void {
    this.word(value.length);
    for (let i = 0; i < value.length; i++) this.word(value.charCodeAt(i));
  }

  /** Mixes in how many there are, then each. */
  words(values: Uint32Array): void {
    this.word(values.length);
    for (let i = 0; i < values.length; i++) this.word(values[i] as number);
  }

  /** Mixes in how many there are, then four at a time, little-endian. */
  bytes(values: Uint8Array): void {
    const length = values.length;
    this.word(length);
    let i = 0;
    for (; i + 3 < length; i += 4) {
      this.word(
        (values[i] as number) |
          ((values[i + 1] as number) << 8) |
          ((values[i + 2] as number) << 16) |
          ((values[i + 3] as number) << 24),
      );
    }
    for (; i < length; i++) this.word(values[i] as number);
  }

  /** Sixteen lower-case hexadecimal digits. The hash can go on afterwards. */
  digest(): string {
    return hex8(finish(this.#a ^ this.#b)) + hex8(finish(Math.imul(this.#b, 0x9e3779b1) ^ this.#a));
  }

  /** The two lanes, to be given to {@link RunningHash.resume}. */
  lanes(): readonly [number, number] {
    return [this.#a, this.#b];
  }

  /** Goes on from where the hash that gave `lanes` was. */
  resume(lanes: readonly [number, number]): void {
    [this.#a, this.#b] = lanes;
  }
}

function finish(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, '0');
}

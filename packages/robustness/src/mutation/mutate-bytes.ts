import type { RandomStream } from '@quiesce/simulation';

/** A change of bytes; it may return what it was given. */
export type ByteMutation = (bytes: Uint8Array, random: RandomStream) => Uint8Array;

/** Values that parsers trip over. */
const awkward = [0, 1, 0x0a, 0x0d, 0x1b, 0x20, 0x7f, 0x80, 0xc0, 0xfe, 0xff];

const place: (bytes: Uint8Array, random: RandomStream) => number = (bytes, random) =>
  bytes.length === 0 ? 0 : random.nextInteger(0, bytes.length - 1);

/** One to sixteen bits or bytes are others. */
export const flipBytes: ByteMutation = (bytes, random) => {
  const copy = bytes.slice();
  if (copy.length === 0) return copy;
  for (let left = random.nextInteger(1, 16); left > 0; left--) {
    const at = place(copy, random);
    if (random.nextBoolean(0.5)) copy[at] = (copy[at] as number) ^ (1 << random.nextInteger(0, 7));
    else copy[at] = awkward[random.nextInteger(0, awkward.length - 1)] as number;
  }
  return copy;
};

/** The end is missing. */
export const cutEnd: ByteMutation = (bytes, random) => bytes.slice(0, place(bytes, random));

/** A range is missing. */
export const dropRange: ByteMutation = (bytes, random) => {
  const start = place(bytes, random);
  return joined(bytes.subarray(0, start), bytes.subarray(start + random.nextInteger(1, 200)));
};

/** A range stands there twice, or very often. */
export const repeatRange: ByteMutation = (bytes, random) => {
  const start = place(bytes, random);
  const range = bytes.subarray(start, start + random.nextInteger(1, 300));
  const times = random.nextBoolean(0.1) ? random.nextInteger(100, 400) : random.nextInteger(1, 3);
  return joined(bytes.subarray(0, start), ...new Array<Uint8Array>(times).fill(range), bytes.subarray(start));
};

/** A 16- or 32-bit little-endian field says something else: where lengths and counts stand. */
export const lieInField: ByteMutation = (bytes, random) => {
  const copy = bytes.slice();
  if (copy.length < 8) return copy;
  const view = new DataView(copy.buffer);
  for (let left = random.nextInteger(1, 3); left > 0; left--) {
    const at = random.nextInteger(0, copy.length - 4);
    const old = view.getUint16(at, true);
    const values = [0, 1, 2, 3, 4, 7, 8, 16, 0xff, 0x7fff, 0xfffe, 0xffff, old + 1, old - 1, old * 2];
    const value = values[random.nextInteger(0, values.length - 1)] as number;
    if (random.nextBoolean(0.3)) view.setUint32(at, value * 0x1_0001, true);
    else view.setUint16(at, value, true);
  }
  return copy;
};

/** Text of another file begins in the middle. */
export function spliceWith(other: Uint8Array): ByteMutation {
  return (bytes, random) =>
    joined(bytes.subarray(0, place(bytes, random)), other.subarray(place(other, random)));
}

/** One after the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

import { assert } from '@quiesce/simulation';
import type { CollectedSpace } from './lspci-function-rows.ts';

/** Bytes of a config space that no hexadecimal dump holds. */
export interface DecodedRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** `text`: what lspci printed in words says at least a part of their bits; `assumed`: nothing does. */
  readonly from: 'text' | 'assumed';
  /** Bits of each of these bytes that the text says, where it does not say all; the others are zeros or assumed. */
  readonly bits?: number;
  /** Line that says it. */
  readonly line?: number;
}

/** A config space as its bytes are put together from several sources. */
export interface CombinedSpace extends CollectedSpace {
  readonly decoded: readonly DecodedRange[];
}

const SIZE = 4096;
/** Conventional space: of most functions there is no more. */
const SMALL = 256;

const [MISSING, ASSUMED, TEXT, HEX] = [0, 1, 2, 3];

/** A config space that is rebuilt from words. Bits once said are not said again: the first word counts. */
export class DecodedSpace {
  #bytes = new Uint8Array(SMALL);
  /** Bits that the text says. */
  #said = new Uint8Array(SMALL);
  #assumed = new Uint8Array(SMALL);
  #lines = new Uint32Array(SMALL);
  #end = 0;

  /** Bits of `mask` in the little-endian register of `width` bytes have the value that the text says. */
  put(offset: number, width: number, value: number, mask: number, line: number): void {
    this.#write(offset, width, value, mask, (at, free, byte) => {
      this.#said[at] = (this.#said[at] as number) | free;
      this.#set(at, free, byte);
      if (this.#lines[at] === 0) this.#lines[at] = line;
    });
  }

  /** As {@link put}, of what no text says. */
  assume(offset: number, width: number, value: number, mask: number): void {
    this.#write(offset, width, value, mask, (at, free, byte) => {
      this.#assumed[at] = (this.#assumed[at] as number) | free;
      this.#set(at, free, byte);
    });
  }

  /** The value as put so far; zeros where nothing was. */
  get(offset: number, width: number): number {
    let value = 0;
    for (let i = width - 1; i >= 0; i--) value = value * 256 + (this.#bytes[offset + i] ?? 0);
    return value;
  }

  /** The bits of a byte that the text says. */
  saidBits(offset: number): number {
    return this.#said[offset] ?? 0;
  }

  /** Fills what a dump in hexadecimal digits lacks; 64, 256 or 4,096 bytes. */
  combine(hex: CollectedSpace | undefined, least = 64): CombinedSpace {
    const end = Math.max(this.#end, least);
    const needed = end <= 64 ? 64 : end <= 256 ? 256 : SIZE;
    const size = Math.max(needed, hex?.bytes.length ?? 0);
    const bytes = new Uint8Array(size);
    bytes.set(this.#bytes.subarray(0, size));
    const have = new Uint8Array(size);
    if (hex !== undefined) {
      have.fill(1, 0, hex.bytes.length);
      for (const { start, end: stop } of hex.missing) have.fill(0, start, stop);
      for (let at = 0; at < hex.bytes.length; at++) if (have[at] === 1) bytes[at] = hex.bytes[at] as number;
    }
    const missing: { start: number; end: number }[] = [];
    const decoded: DecodedRange[] = [];
    const from = this.#origins(have);
    for (let at = 0; at < size; ) {
      const start = at;
      const origin = from[at];
      at++;
      while (at < size && from[at] === origin && (origin !== TEXT || this.#isAlike(start, at))) at++;
      if (origin === MISSING) missing.push({ start, end: at });
      else if (origin === ASSUMED) decoded.push({ start, end: at, from: 'assumed' });
      else if (origin === TEXT) decoded.push({ start, end: at, from: 'text', ...this.#witness(start) });
    }
    return { bytes, missing, decoded };
  }

  /** Where each byte is from. */
  #origins(have: Uint8Array): Uint8Array {
    const from = new Uint8Array(have.length);
    for (let at = 0; at < have.length; at++) {
      if (have[at] === 1) from[at] = HEX;
      else if (at >= this.#said.length) from[at] = MISSING;
      else if (this.#said[at] !== 0) from[at] = TEXT;
      else if (this.#assumed[at] !== 0) from[at] = ASSUMED;
    }
    return from;
  }

  /** Said by the same line, and as completely. */
  #isAlike(a: number, b: number): boolean {
    return this.#lines[a] === this.#lines[b] && this.#said[a] === this.#said[b];
  }

  #witness(at: number): { readonly bits?: number; readonly line?: number } {
    const [bits, line] = [this.#said[at] as number, this.#lines[at] as number];
    return { ...(bits === 0xff ? {} : { bits }), ...(line === 0 ? {} : { line }) };
  }

  #set(at: number, bits: number, byte: number): void {
    this.#bytes[at] = ((this.#bytes[at] as number) & ~bits) | (byte & bits);
  }

  #write(
    offset: number,
    width: number,
    value: number,
    mask: number,
    each: (at: number, free: number, byte: number) => void,
  ): void {
    assert(offset >= 0, `config offset ${offset}`);
    // A capability at the very end of the space has registers that no space holds.
    if (offset + width > SIZE) return;
    if (offset + width > this.#bytes.length) this.#widen();
    let [bits, rest] = [mask, value];
    for (let at = offset; at < offset + width; at++) {
      const free = bits & 0xff & ~(this.#said[at] as number) & ~(this.#assumed[at] as number);
      if (free !== 0) each(at, free, rest & 0xff);
      bits = Math.floor(bits / 256);
      rest = Math.floor(rest / 256);
      if (at >= this.#end && free !== 0) this.#end = at + 1;
    }
  }

  #widen(): void {
    const [bytes, said, assumed] = [new Uint8Array(SIZE), new Uint8Array(SIZE), new Uint8Array(SIZE)];
    const lines = new Uint32Array(SIZE);
    bytes.set(this.#bytes);
    said.set(this.#said);
    assumed.set(this.#assumed);
    lines.set(this.#lines);
    [this.#bytes, this.#said, this.#assumed, this.#lines] = [bytes, said, assumed, lines];
  }
}

import { assert } from '../errors/assert.ts';
import type { RunningHash } from '../state/running-hash.ts';
import type { Snapshottable } from '../state/snapshot.ts';
import type { ResetKind } from './access.ts';
import type { Field, RegisterLayout } from './layout.ts';

/** Bytes of an access by software. */
export type AccessSize = 1 | 2 | 4;

/**
 * Called after software has written a hooked register, once per aligned dword touched.
 * `written` is the dword that software wrote, with the bytes it did not write taken from storage;
 * `previous` is the dword as it was; `enabled` has a bit set for each bit that software wrote.
 * `offset` is the dword's offset in the file. For WO fields `written` is the only place to see the value.
 */
export type WriteHook = (offset: number, written: number, previous: number, enabled: number) => void;

/** Called before software reads the aligned dword at `offset`. */
export type ReadHook = (offset: number) => void;

/** The bytes of a register file; masks follow from its layouts. */
export type RegisterFileState = Uint8Array;

/**
 * A block of registers as bytes, behind masks that follow from declared layouts.
 * Software's side is {@link read} and {@link write}, any size and alignment; hardware's side is `get`, `set`,
 * `peek` and `poke`, which no mask stops. Bytes that no layout covers are read-only.
 */
export class RegisterFile implements Snapshottable<RegisterFileState> {
  readonly size: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #writable: Uint8Array;
  readonly #clearable: Uint8Array;
  readonly #settable: Uint8Array;
  readonly #unreadable: Uint8Array;
  readonly #sticky: Uint8Array;
  readonly #resetValue: Uint8Array;
  readonly #hooks: (WriteHook | undefined)[];
  readonly #readHooks: (ReadHook | undefined)[];

  /** `initial`: bytes as captured; they are what a cold reset brings back where no layout says otherwise. */
  constructor(size: number, initial?: Uint8Array) {
    assert(size > 0 && size % 4 === 0, 'a register file has a multiple of 4 bytes');
    this.size = size;
    this.#bytes = new Uint8Array(size);
    if (initial !== undefined) this.#bytes.set(initial.subarray(0, size));
    this.#view = new DataView(this.#bytes.buffer);
    this.#writable = new Uint8Array(size);
    this.#clearable = new Uint8Array(size);
    this.#settable = new Uint8Array(size);
    this.#unreadable = new Uint8Array(size);
    this.#sticky = new Uint8Array(size);
    this.#resetValue = this.#bytes.slice();
    this.#hooks = new Array(size / 4);
    this.#readHooks = new Array(size / 4);
  }

  /**
   * Lays `layout` over the bytes from `base`. With `keepValues` the present bytes stay (a capture);
   * otherwise each field takes its reset value at once.
   */
  place(layout: RegisterLayout, base = 0, options: { readonly keepValues?: boolean } = {}): void {
    assert(base + layout.size <= this.size, `${layout.name} at ${base} does not fit into ${this.size} bytes`);
    for (const register of layout.registers) {
      for (const field of register.fields) {
        for (let bit = field.low; bit <= field.high; bit++) {
          const at = base + register.offset + (bit >>> 3);
          const mask = 1 << (bit & 7);
          this.#classify(at, mask, field.access, field.sticky === true);
          const resetBit = Math.floor((field.reset ?? 0) / 2 ** (bit - field.low)) % 2 === 1;
          if (options.keepValues !== true || field.access !== 'RO') {
            this.#resetValue[at] = resetBit
              ? (this.#resetValue[at] as number) | mask
              : (this.#resetValue[at] as number) & ~mask;
          }
          if (options.keepValues !== true) {
            this.#bytes[at] = resetBit
              ? (this.#bytes[at] as number) | mask
              : (this.#bytes[at] as number) & ~mask;
          }
        }
      }
    }
  }

  /** Runs `hook` after software writes into the `width` bits at `offset`. */
  onWrite(offset: number, width: number, hook: WriteHook): void {
    for (let at = offset & ~3; at < offset + width / 8; at += 4) this.#hooks[at >>> 2] = hook;
  }

  /** Runs `hook` before software reads from the `width` bits at `offset`. */
  onRead(offset: number, width: number, hook: ReadHook): void {
    for (let at = offset & ~3; at < offset + width / 8; at += 4) this.#readHooks[at >>> 2] = hook;
  }

  /** Software reads. Beyond the end all ones. */
  read(offset: number, size: AccessSize): number {
    let value = 0;
    const first = this.#readHooks[offset >>> 2];
    if (first !== undefined) first(offset & ~3);
    const last = (offset + size - 1) >>> 2;
    if (last !== offset >>> 2) this.#readHooks[last]?.(last * 4);
    for (let i = size - 1; i >= 0; i--) {
      const at = offset + i;
      const byte = at < this.size ? (this.#bytes[at] as number) & ~(this.#unreadable[at] as number) : 0xff;
      value = value * 256 + byte;
    }
    return value;
  }

  /** Software writes: through the masks, then hooks in ascending order. Beyond the end nothing happens. */
  write(offset: number, size: AccessSize, value: number): void {
    for (let at = offset & ~3; at < offset + size && at < this.size; at += 4) {
      const previous = this.#view.getUint32(at, true);
      let written = previous;
      let enabled = 0;
      for (let i = Math.max(at, offset); i < Math.min(at + 4, offset + size); i++) {
        const byte = Math.floor(value / 2 ** ((i - offset) * 8)) & 0xff;
        const shift = (i - at) * 8;
        written = (written & ~(0xff << shift)) | (byte << shift);
        enabled |= 0xff << shift;
        const old = this.#bytes[i] as number;
        const rw = this.#writable[i] as number;
        let next = (old & ~rw) | (byte & rw);
        next &= ~(byte & (this.#clearable[i] as number));
        next |= byte & (this.#settable[i] as number);
        this.#bytes[i] = next;
      }
      this.#hooks[at >>> 2]?.(at, written >>> 0, previous, enabled >>> 0);
    }
  }

  /** Hardware reads a field of at most 52 bits, of a layout placed at `base`. */
  get(field: Field, base = 0): number {
    const start = (base + field.offset) * 8 + field.low;
    let value = 0;
    let scale = 1;
    let bit = start;
    const end = start + field.width;
    while (bit < end) {
      const inByte = bit & 7;
      const take = Math.min(8 - inByte, end - bit);
      value += (((this.#bytes[bit >>> 3] as number) >>> inByte) & ((1 << take) - 1)) * scale;
      scale *= 2 ** take;
      bit += take;
    }
    return value;
  }

  /** Hardware writes a field; no mask, no hook. */
  set(field: Field, value: number, base = 0): void {
    let bit = (base + field.offset) * 8 + field.low;
    const end = bit + field.width;
    let rest = value;
    while (bit < end) {
      const inByte = bit & 7;
      const take = Math.min(8 - inByte, end - bit);
      const mask = ((1 << take) - 1) << inByte;
      const part = (rest % 2 ** take) << inByte;
      this.#bytes[bit >>> 3] = ((this.#bytes[bit >>> 3] as number) & ~mask) | (part & mask);
      rest = Math.floor(rest / 2 ** take);
      bit += take;
    }
  }

  /** Hardware reads an aligned dword. */
  peek32(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  /** Hardware writes an aligned dword. */
  poke32(offset: number, value: number): void {
    this.#view.setUint32(offset, value, true);
  }

  peek16(offset: number): number {
    return this.#view.getUint16(offset, true);
  }

  poke16(offset: number, value: number): void {
    this.#view.setUint16(offset, value, true);
  }

  peek8(offset: number): number {
    return this.#bytes[offset] as number;
  }

  poke8(offset: number, value: number): void {
    this.#bytes[offset] = value;
  }

  /** Makes bits of a byte writable, or read-only, beyond what layouts say: the size of a BAR, for instance. */
  setWritable(offset: number, mask: number): void {
    this.#writable[offset] = mask;
  }

  /** Bits of a byte that software can change by writing ones and zeros. */
  writableMask(offset: number): number {
    return this.#writable[offset] as number;
  }

  /** Value that a reset gives to a byte. */
  setResetValue(offset: number, value: number): void {
    this.#resetValue[offset] = value;
  }

  /** Gives every field its reset value; sticky fields only on a cold reset. */
  reset(kind: ResetKind): void {
    for (let at = 0; at < this.size; at++) {
      const keep = kind === 'cold' ? 0 : (this.#sticky[at] as number);
      this.#bytes[at] = ((this.#bytes[at] as number) & keep) | ((this.#resetValue[at] as number) & ~keep);
    }
  }

  /** A copy of all bytes as stored, WO fields included. */
  bytes(): Uint8Array {
    return this.#bytes.slice();
  }

  snapshot(): RegisterFileState {
    return this.#bytes.slice();
  }

  restore(state: RegisterFileState): void {
    assert(state.length === this.size, `a register file of ${this.size} bytes cannot take ${state.length}`);
    this.#bytes.set(state);
  }

  hashInto(hash: RunningHash): void {
    hash.bytes(this.#bytes);
  }

  #classify(at: number, mask: number, access: string, sticky: boolean): void {
    for (const array of [this.#writable, this.#clearable, this.#settable, this.#unreadable, this.#sticky]) {
      array[at] = (array[at] as number) & ~mask;
    }
    const mark = (array: Uint8Array): void => {
      array[at] = (array[at] as number) | mask;
    };
    if (access === 'RW') mark(this.#writable);
    else if (access === 'RW1C') mark(this.#clearable);
    else if (access === 'RW1S') mark(this.#settable);
    else if (access === 'WO' || access === 'RsvdZ') mark(this.#unreadable);
    if (sticky) mark(this.#sticky);
  }
}

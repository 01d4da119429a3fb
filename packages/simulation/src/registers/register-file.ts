import { AssertionError, assert } from '../errors/assert.ts';
import type { RunningHash } from '../state/running-hash.ts';
import type { Snapshottable } from '../state/snapshot.ts';
import type { ResetKind } from './access.ts';
import type { Field, RegisterLayout } from './layout.ts';
import { compileLayout, RegisterPlan } from './register-plan.ts';

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
  readonly #words: Uint32Array;
  readonly #view: DataView;
  /** Shared with other files; {@link setWritable} makes `#writable` a copy of our own. */
  #plan: RegisterPlan;
  #writable: Uint32Array;
  #ownsWritable = false;
  readonly #resetValue: Uint8Array;
  readonly #resetWords: Uint32Array;
  /** By dword; they grow as far as there are hooks. */
  readonly #hooks: (WriteHook | undefined)[] = [];
  readonly #readHooks: (ReadHook | undefined)[] = [];

  /** `initial`: bytes as captured; they are what a cold reset brings back where no layout says otherwise. */
  constructor(size: number, initial?: Uint8Array) {
    assert(size > 0 && size % 4 === 0, 'a register file has a multiple of 4 bytes');
    this.size = size;
    this.#words = new Uint32Array(size / 4);
    this.#bytes = new Uint8Array(this.#words.buffer);
    this.#view = new DataView(this.#words.buffer);
    this.#resetWords = new Uint32Array(size / 4);
    this.#resetValue = new Uint8Array(this.#resetWords.buffer);
    if (initial !== undefined) {
      this.#bytes.set(initial.length > size ? initial.subarray(0, size) : initial);
      this.#resetWords.set(this.#words);
    }
    this.#plan = RegisterPlan.empty(size);
    this.#writable = this.#plan.writable;
  }

  /**
   * Lays `layout` over the bytes from `base`. With `keepValues` the present bytes stay (a capture), and a reset
   * brings RO fields back as captured; otherwise each field takes its reset value at once.
   */
  place(layout: RegisterLayout, base = 0, options: { readonly keepValues?: boolean } = {}): void {
    if (base + layout.size > this.size) {
      throw new AssertionError(`${layout.name} at ${base} does not fit into ${this.size} bytes`);
    }
    const masks = compileLayout(layout);
    const keep = options.keepValues === true;
    this.#plan = this.#plan.with(layout, base);
    if (this.#ownsWritable) {
      const own = new Uint8Array(this.#writable.buffer);
      for (let i = 0; i < layout.size; i++) {
        own[base + i] =
          ((own[base + i] as number) & ~(masks.covered[i] as number)) | (masks.writable[i] as number);
      }
    } else this.#writable = this.#plan.writable;
    for (let i = 0; i < layout.size; i++) {
      const covered = masks.covered[i] as number;
      const reset = masks.reset[i] as number;
      const at = base + i;
      const replaced = keep ? covered & ~(masks.readOnly[i] as number) : covered;
      this.#resetValue[at] = ((this.#resetValue[at] as number) & ~replaced) | (reset & replaced);
      if (!keep) this.#bytes[at] = ((this.#bytes[at] as number) & ~covered) | reset;
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
    const index = offset >>> 2;
    const within = offset & 3;
    this.#readHooks[index]?.(offset - within);
    if (within + size <= 4) {
      if (offset >= this.size) return size === 4 ? 0xffff_ffff : size === 2 ? 0xffff : 0xff;
      const word = (this.#words[index] as number) & ~(this.#plan.unreadable[index] as number);
      if (size === 4) return word >>> 0;
      return (word >>> (within * 8)) & (size === 2 ? 0xffff : 0xff);
    }
    this.#readHooks[index + 1]?.(offset - within + 4);
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + this.#readByte(offset + i);
    return value;
  }

  /** Software writes: through the masks, then hooks in ascending order. Beyond the end nothing happens. */
  write(offset: number, size: AccessSize, value: number): void {
    const within = offset & 3;
    const ones = size === 4 ? -1 : size === 2 ? 0xffff : 0xff;
    const data = value & ones;
    this.#writeDword(offset >>> 2, data << (within * 8), ones << (within * 8));
    if (within + size > 4) {
      const done = (4 - within) * 8;
      this.#writeDword((offset >>> 2) + 1, data >>> done, size === 4 ? -1 >>> done : ones >>> done);
    }
  }

  /** Hardware reads a field of at most 52 bits, of a layout placed at `base`. */
  get(field: Field, base = 0): number {
    let bit = (base + field.offset) * 8 + field.low;
    const width = field.width;
    const shift = bit & 31;
    if (shift + width <= 32) {
      const word = (this.#words[bit >>> 5] as number) >>> shift;
      return width === 32 ? word : word & ((1 << width) - 1);
    }
    let value = 0;
    let scale = 1;
    const end = bit + width;
    while (bit < end) {
      const inByte = bit & 7;
      const take = Math.min(8 - inByte, end - bit);
      value += (((this.#bytes[bit >>> 3] as number) >>> inByte) & ((1 << take) - 1)) * scale;
      scale *= 1 << take;
      bit += take;
    }
    return value;
  }

  /** Hardware writes a field; no mask, no hook. Bits of `value` above the field's width are dropped. */
  set(field: Field, value: number, base = 0): void {
    let bit = (base + field.offset) * 8 + field.low;
    const width = field.width;
    const shift = bit & 31;
    if (shift + width <= 32) {
      const mask = (width === 32 ? -1 : (1 << width) - 1) << shift;
      const index = bit >>> 5;
      this.#words[index] = ((this.#words[index] as number) & ~mask) | ((value << shift) & mask);
      return;
    }
    const end = bit + width;
    let rest = value;
    while (bit < end) {
      const inByte = bit & 7;
      const take = Math.min(8 - inByte, end - bit);
      const mask = ((1 << take) - 1) << inByte;
      const part = (rest % (1 << take)) << inByte;
      this.#bytes[bit >>> 3] = ((this.#bytes[bit >>> 3] as number) & ~mask) | (part & mask);
      rest = Math.floor(rest / (1 << take));
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
    if (!this.#ownsWritable) {
      this.#writable = this.#writable.slice();
      this.#ownsWritable = true;
    }
    new Uint8Array(this.#writable.buffer)[offset] = mask;
  }

  /** Bits of a byte that software can change by writing ones and zeros. */
  writableMask(offset: number): number {
    return ((this.#writable[offset >>> 2] as number) >>> ((offset & 3) * 8)) & 0xff;
  }

  /** Value that a reset gives to a byte. */
  setResetValue(offset: number, value: number): void {
    this.#resetValue[offset] = value;
  }

  /** Gives every field its reset value; sticky fields only on a cold reset. */
  reset(kind: ResetKind): void {
    const words = this.#words;
    if (kind === 'cold') {
      words.set(this.#resetWords);
      return;
    }
    const sticky = this.#plan.sticky;
    for (let i = 0; i < words.length; i++) {
      const keep = sticky[i] as number;
      words[i] = ((words[i] as number) & keep) | ((this.#resetWords[i] as number) & ~keep);
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

  #readByte(at: number): number {
    if (at >= this.size) return 0xff;
    const word = (this.#words[at >>> 2] as number) & ~(this.#plan.unreadable[at >>> 2] as number);
    return (word >>> ((at & 3) * 8)) & 0xff;
  }

  #writeDword(index: number, data: number, enabled: number): void {
    if (index >= this.#words.length) return;
    const plan = this.#plan;
    const previous = this.#words[index] as number;
    const written = (previous & ~enabled) | (data & enabled);
    const rw = (this.#writable[index] as number) & enabled;
    const touched = data & enabled;
    let next = (previous & ~rw) | (data & rw);
    next &= ~(touched & (plan.clearable[index] as number));
    next |= touched & (plan.settable[index] as number);
    this.#words[index] = next;
    this.#hooks[index]?.(index * 4, written >>> 0, previous, enabled >>> 0);
  }
}

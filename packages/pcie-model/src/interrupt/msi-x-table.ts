import { assert, type RunningHash, type Snapshottable } from '@quiesce/simulation';

/** Bytes of an entry: address low, address high, data, vector control (PCIe 7.7.2.7). */
const ENTRY = 16;
const MASK = 1;

/** Entries, four dwords each, and pending bits of a {@link MsiXTable}. */
export interface MsiXTableState {
  readonly entries: Uint32Array;
  readonly pending: Uint32Array;
}

/**
 * MSI-X table and pending bit array of a function: memory of the device behind one of its BARs.
 * After reset every vector is masked and nothing is pending.
 */
export class MsiXTable implements Snapshottable<MsiXTableState> {
  /** Vectors, 1 .. 2048. */
  readonly size: number;
  /** BAR index and byte offset of the table, and of the pending bits. */
  readonly table: { readonly bar: number; readonly offset: number };
  readonly pendingBits: { readonly bar: number; readonly offset: number };
  readonly #entries: Uint32Array;
  readonly #pending: Uint32Array;

  constructor(
    size: number,
    table: { readonly bar: number; readonly offset: number },
    pendingBits: { readonly bar: number; readonly offset: number },
  ) {
    assert(size >= 1 && size <= 2048, `an MSI-X table has 1 .. 2048 entries, not ${size}`);
    this.size = size;
    this.table = table;
    this.pendingBits = pendingBits;
    this.#entries = new Uint32Array(size * 4);
    // Pending bits are read as qwords.
    this.#pending = new Uint32Array(Math.ceil(size / 64) * 2);
    this.reset();
  }

  reset(): void {
    this.#entries.fill(0);
    this.#pending.fill(0);
    for (let vector = 0; vector < this.size; vector++) this.#entries[vector * 4 + 3] = MASK;
  }

  addressLow(vector: number): number {
    return this.#entries[vector * 4] as number;
  }

  addressHigh(vector: number): number {
    return this.#entries[vector * 4 + 1] as number;
  }

  data(vector: number): number {
    return this.#entries[vector * 4 + 2] as number;
  }

  masked(vector: number): boolean {
    return ((this.#entries[vector * 4 + 3] as number) & MASK) !== 0;
  }

  pending(vector: number): boolean {
    return ((this.#pending[vector >>> 5] as number) & (1 << (vector & 31))) !== 0;
  }

  setPending(vector: number, pending: boolean): void {
    const bit = 1 << (vector & 31);
    const word = this.#pending[vector >>> 5] as number;
    this.#pending[vector >>> 5] = pending ? word | bit : word & ~bit;
  }

  get anyPending(): boolean {
    for (let i = 0; i < this.#pending.length; i++) if (this.#pending[i] !== 0) return true;
    return false;
  }

  /** Whether a register access at `offset` of `bar` meets the table or the pending bits. */
  covers(bar: number, offset: number): boolean {
    return this.#inTable(bar, offset) || this.#inPending(bar, offset);
  }

  /** Reads the aligned dword that holds `offset`. */
  read32(bar: number, offset: number): number {
    if (this.#inTable(bar, offset)) return this.#entries[(offset - this.table.offset) >>> 2] as number;
    return this.#pending[(offset - this.pendingBits.offset) >>> 2] as number;
  }

  /** Writes the bits of the aligned dword that `enabled` has set. Pending bits and reserved bits do not change. */
  write32(bar: number, offset: number, value: number, enabled: number): void {
    if (!this.#inTable(bar, offset)) return;
    const index = (offset - this.table.offset) >>> 2;
    const field = index & 3;
    // Address bits 1:0 are 0; of vector control only the mask bit exists.
    const writable = enabled & (field === 0 ? ~3 : field === 3 ? MASK : ~0);
    this.#entries[index] = ((this.#entries[index] as number) & ~writable) | (value & writable);
  }

  snapshot(): MsiXTableState {
    return { entries: this.#entries.slice(), pending: this.#pending.slice() };
  }

  restore(state: MsiXTableState): void {
    this.#entries.set(state.entries);
    this.#pending.set(state.pending);
  }

  hashInto(hash: RunningHash): void {
    hash.words(this.#entries);
    hash.words(this.#pending);
  }

  #inTable(bar: number, offset: number): boolean {
    const from = this.table.offset;
    return bar === this.table.bar && offset >= from && offset < from + this.size * ENTRY;
  }

  #inPending(bar: number, offset: number): boolean {
    const from = this.pendingBits.offset;
    return bar === this.pendingBits.bar && offset >= from && offset < from + this.#pending.length * 4;
  }
}

import { assert, type RunningHash, type Snapshottable } from '@quiesce/simulation';
import { DEVICE_TABLE_ENTRY_WORDS } from '../tables/device-table-entry.ts';

/** Plain data of a {@link DeviceTableCache}. */
export interface DeviceTableCacheState {
  readonly owners: Int32Array;
  readonly words: Uint32Array;
}

/**
 * Device table entries that the unit has read (48882, 2.4.2). What is stale stays until INVALIDATE_DEVTAB_ENTRY, or
 * until another device needs the slot; a write to the base register drops nothing.
 */
export class DeviceTableCache implements Snapshottable<DeviceTableCacheState> {
  /** Entries, one slot at least: a unit without a cache has a single slot that holds nothing beyond a request. */
  readonly #slots: number;
  readonly #keeps: boolean;
  readonly #owners: Int32Array;
  /** Words of all slots; a slot's begin at what {@link find} and {@link take} return. */
  readonly words: Uint32Array;

  /** `entries`: 0 for a unit that reads the table for every request. */
  constructor(entries: number) {
    assert(Number.isInteger(entries) && entries >= 0, `a device table cache cannot have ${entries} entries`);
    this.#keeps = entries > 0;
    this.#slots = Math.max(1, entries);
    this.#owners = new Int32Array(this.#slots).fill(-1);
    this.words = new Uint32Array(this.#slots * DEVICE_TABLE_ENTRY_WORDS);
  }

  /** False for a unit that reads the table for every request. */
  get keeps(): boolean {
    return this.#keeps;
  }

  /** Where the words of this device's entry begin, -1 if it is not held. */
  find(requesterId: number): number {
    const slot = this.#slot(requesterId);
    return this.#owners[slot] === requesterId ? slot * DEVICE_TABLE_ENTRY_WORDS : -1;
  }

  /** Where words read for this device are to be put; whoever had the slot loses it. */
  take(requesterId: number): number {
    const slot = this.#slot(requesterId);
    if (this.#keeps) this.#owners[slot] = requesterId;
    return slot * DEVICE_TABLE_ENTRY_WORDS;
  }

  invalidate(requesterId: number): void {
    const slot = this.#slot(requesterId);
    if (this.#owners[slot] === requesterId) this.#owners[slot] = -1;
  }

  invalidateAll(): void {
    this.#owners.fill(-1);
  }

  snapshot(): DeviceTableCacheState {
    return { owners: this.#owners.slice(), words: this.words.slice() };
  }

  restore(state: DeviceTableCacheState): void {
    this.#owners.set(state.owners);
    this.words.set(state.words);
  }

  hashInto(hash: RunningHash): void {
    for (let slot = 0; slot < this.#slots; slot++) {
      const owner = this.#owners[slot] as number;
      if (owner < 0) continue;
      hash.word(owner);
      const at = slot * DEVICE_TABLE_ENTRY_WORDS;
      for (let i = 0; i < DEVICE_TABLE_ENTRY_WORDS; i++) hash.word(this.words[at + i] as number);
    }
  }

  /** Functions of one device, and neighbouring buses, fall apart. */
  #slot(requesterId: number): number {
    return (requesterId ^ (requesterId >>> 5)) % this.#slots;
  }
}

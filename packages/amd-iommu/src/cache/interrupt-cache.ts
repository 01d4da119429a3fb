import type { RunningHash, Snapshottable } from '@quiesce/simulation';

const SLOTS = 512;

/** Plain data of an {@link InterruptCache}. */
export type InterruptCacheState = Float64Array;

/** Interrupt remapping entries that the unit has read and that were enabled, by device and index (48882, 2.4.5). */
export class InterruptCache implements Snapshottable<InterruptCacheState> {
  /** A slot: requester ID x 2,048 + index, then the entry's word. */
  readonly #slots: Float64Array = new Float64Array(SLOTS * 2).fill(-1);

  /** The entry's word, -1 if it is not held. */
  find(requesterId: number, index: number): number {
    const at = slotOf(requesterId, index);
    return this.#slots[at] === requesterId * 2048 + index ? (this.#slots[at + 1] as number) : -1;
  }

  add(requesterId: number, index: number, word: number): void {
    const at = slotOf(requesterId, index);
    this.#slots[at] = requesterId * 2048 + index;
    this.#slots[at + 1] = word;
  }

  /** Drops all entries of a device. */
  invalidate(requesterId: number): void {
    const slots = this.#slots;
    for (let at = 0; at < slots.length; at += 2) {
      if (Math.floor((slots[at] as number) / 2048) === requesterId) slots[at] = -1;
    }
  }

  invalidateAll(): void {
    this.#slots.fill(-1);
  }

  snapshot(): InterruptCacheState {
    return this.#slots.slice();
  }

  restore(state: InterruptCacheState): void {
    this.#slots.set(state);
  }

  hashInto(hash: RunningHash): void {
    for (let at = 0; at < this.#slots.length; at += 2) {
      if ((this.#slots[at] as number) < 0) continue;
      hash.number(this.#slots[at] as number);
      hash.number(this.#slots[at + 1] as number);
    }
  }
}

function slotOf(requesterId: number, index: number): number {
  return ((requesterId ^ (requesterId >>> 5) ^ (index << 3)) % SLOTS) * 2;
}

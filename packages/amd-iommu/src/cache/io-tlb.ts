import type { Address, RunningHash, Snapshottable } from '@quiesce/simulation';

const SLOTS = 2048;
const FIELDS = 4;
const TAG = 1;
const FRAME = 2;
const ENTRY = 3;

/** Plain data of an {@link IoTlb}. */
export type IoTlbState = Float64Array;

/**
 * Translations of pages of 4 KiB, tagged with the domain ID alone (48882, 2.4.3): devices of one domain share them.
 * What is stale stays until INVALIDATE_IOMMU_PAGES, or until another page needs the slot.
 */
export class IoTlb implements Snapshottable<IoTlbState> {
  /** A slot: page address, domain ID, frame with permissions (1 read, 2 write) in its low bits, entry address. */
  readonly #slots: Float64Array = new Float64Array(SLOTS * FIELDS).fill(-1);

  /** Frame plus permissions (1 read, 2 write), -1 if the page is not held. */
  find(domainId: number, address: Address): number {
    const at = slotOf(domainId, address);
    const slots = this.#slots;
    if (slots[at] !== address - (address % 4096) || slots[at + TAG] !== domainId) return -1;
    return slots[at + FRAME] as number;
  }

  /** Address of the entry that the last found translation came from. */
  entryOf(domainId: number, address: Address): Address {
    return this.#slots[slotOf(domainId, address) + ENTRY] as number;
  }

  add(domainId: number, address: Address, frame: Address, permissions: number, entry: Address): void {
    const at = slotOf(domainId, address);
    const slots = this.#slots;
    slots[at] = address - (address % 4096);
    slots[at + TAG] = domainId;
    slots[at + FRAME] = frame + permissions;
    slots[at + ENTRY] = entry;
  }

  /** Drops what a domain has in `bytes` from `start` on. */
  invalidatePages(domainId: number, start: Address, bytes: number): void {
    const slots = this.#slots;
    for (let at = 0; at < slots.length; at += FIELDS) {
      const page = slots[at] as number;
      if (slots[at + TAG] === domainId && page >= start && page < start + bytes) slots[at] = -1;
    }
  }

  invalidateAll(): void {
    this.#slots.fill(-1);
  }

  snapshot(): IoTlbState {
    return this.#slots.slice();
  }

  restore(state: IoTlbState): void {
    this.#slots.set(state);
  }

  hashInto(hash: RunningHash): void {
    const slots = this.#slots;
    for (let at = 0; at < slots.length; at += FIELDS) {
      if ((slots[at] as number) < 0) continue;
      for (let i = 0; i < FIELDS; i++) hash.number(slots[at + i] as number);
    }
  }
}

function slotOf(domainId: number, address: Address): number {
  return ((Math.floor(address / 4096) ^ (domainId << 6)) & (SLOTS - 1)) * FIELDS;
}

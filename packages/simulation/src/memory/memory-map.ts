import { UserError } from '../errors/user-error.ts';
import { ADDRESS_LIMIT, type Address, INTERRUPT_WINDOW } from './address.ts';

/**
 * Whose memory a region is:
 * - `first-kernel`: RAM of the crashed kernel that a dump holds, e.g. page cache and free pages;
 * - `dump-relevant`: RAM of the crashed kernel without which the dump is worthless (text, data, page tables);
 * - `dma-buffer`: RAM of the crashed kernel that it had handed to a device;
 * - `crash-kernel`: the reservation in which the second kernel lives;
 * - `low-640k`, `low-1m`: conventional memory and the rest of the first MiB;
 * - `firmware`: reserved, ACPI, RMRR;
 * - `mmio`: device registers and the holes between them;
 * - `interrupt-window`: 0xFEExxxxx;
 * - `none`: no memory answers here.
 */
export type MemoryOwner =
  | 'first-kernel'
  | 'dump-relevant'
  | 'dma-buffer'
  | 'crash-kernel'
  | 'low-640k'
  | 'low-1m'
  | 'firmware'
  | 'mmio'
  | 'interrupt-window'
  | 'none';

/** In a fixed order: an owner's index is its identity in hashes and ledgers. */
export const memoryOwners: readonly MemoryOwner[] = [
  'none',
  'first-kernel',
  'dump-relevant',
  'dma-buffer',
  'crash-kernel',
  'low-640k',
  'low-1m',
  'firmware',
  'mmio',
  'interrupt-window',
];

/** `start` .. `end - 1` belongs to `owner`. */
export interface MemoryRegion {
  readonly start: Address;
  /** Exclusive. */
  readonly end: Address;
  readonly owner: MemoryOwner;
  /** For people: "System RAM", "PCI Bus 0000:00". */
  readonly label?: string;
}

/** Owners that are backed by memory cells. The others answer reads with all ones and drop writes. */
export function isBacked(owner: MemoryOwner): boolean {
  return owner !== 'none' && owner !== 'mmio' && owner !== 'interrupt-window';
}

/** Which region is where. Later assignments split and replace what was there. */
export class MemoryMap {
  #regions: MemoryRegion[] = [];
  /** Changes whenever a region does. */
  generation = 0;

  constructor(regions: readonly MemoryRegion[] = []) {
    for (const region of regions) this.assign(region);
    if (this.ownerAt(INTERRUPT_WINDOW.start) !== 'interrupt-window') {
      this.assign({ ...INTERRUPT_WINDOW, owner: 'interrupt-window', label: 'interrupt window' });
    }
  }

  /** Sorted, without overlap. */
  get regions(): readonly MemoryRegion[] {
    return this.#regions;
  }

  /** Gives `start` .. `end - 1` to an owner. @throws UserError `MEMORY_REGION` if the range is empty or too high */
  assign(region: MemoryRegion): void {
    const { start, end } = region;
    if (
      !(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start < end && end <= ADDRESS_LIMIT)
    ) {
      throw new UserError('MEMORY_REGION', `region ${start}..${end} is not a range of 52-bit addresses`);
    }
    const next: MemoryRegion[] = [];
    for (const old of this.#regions) {
      if (old.end <= start || old.start >= end) next.push(old);
      else {
        if (old.start < start) next.push({ ...old, end: start });
        if (old.end > end) next.push({ ...old, start: end });
      }
    }
    next.push(region);
    next.sort((a, b) => a.start - b.start);
    this.#regions = next;
    this.generation++;
  }

  /** The region that holds `address`, or undefined where no region is. */
  regionAt(address: Address): MemoryRegion | undefined {
    const regions = this.#regions;
    let low = 0;
    let high = regions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((regions[middle] as MemoryRegion).end <= address) low = middle + 1;
      else high = middle;
    }
    const found = regions[low];
    return found !== undefined && found.start <= address ? found : undefined;
  }

  ownerAt(address: Address): MemoryOwner {
    return this.regionAt(address)?.owner ?? 'none';
  }
}

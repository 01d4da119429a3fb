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
 * - `cma`: lent by the first kernel to pages that can be moved, and memory that the second kernel runs in;
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
  | 'cma'
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
  'cma',
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
  /** The region that was found last: one access after the other meets the same. */
  #last = 0;
  #lastStart: Address = 0;
  #lastEnd: Address = 0;
  /** Changes whenever a region does. */
  generation = 0;

  constructor(regions: readonly MemoryRegion[] = []) {
    for (const region of regions) this.assign(region);
    if (this.ownerAt(INTERRUPT_WINDOW.start) !== 'interrupt-window') {
      this.assign({ ...INTERRUPT_WINDOW, owner: 'interrupt-window', label: 'interrupt window' });
    }
  }

  /** Sorted, without overlap; the array changes with the map. */
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
    const regions = this.#regions;
    const first = this.#firstEndingAfter(start);
    let after = first;
    while (after < regions.length && (regions[after] as MemoryRegion).start < end) after++;
    const parts: MemoryRegion[] = [];
    if (after > first) {
      const below = regions[first] as MemoryRegion;
      const above = regions[after - 1] as MemoryRegion;
      if (below.start < start) parts.push({ ...below, end: start });
      parts.push(region);
      if (above.end > end) parts.push({ ...above, start: end });
    } else parts.push(region);
    regions.splice(first, after - first, ...parts);
    this.#lastEnd = 0;
    this.generation++;
  }

  /** Takes over the regions of a snapshot: sorted, without overlap. */
  restore(regions: readonly MemoryRegion[]): void {
    this.#regions = [...regions];
    this.#lastEnd = 0;
    this.generation++;
  }

  /** The region that holds `address`, or undefined where no region is. */
  regionAt(address: Address): MemoryRegion | undefined {
    const found = this.#regions[this.#firstEndingAfter(address)];
    return found !== undefined && found.start <= address ? found : undefined;
  }

  /** Whose memory `address` is; `none` where no region is. */
  ownerAt(address: Address): MemoryOwner {
    return this.regionAt(address)?.owner ?? 'none';
  }

  /** First address above `address` at which the owner may be another; Infinity above the last region. */
  nextBoundary(address: Address): Address {
    const region = this.#regions[this.#firstEndingAfter(address)];
    if (region === undefined) return Number.POSITIVE_INFINITY;
    return region.start > address ? region.start : region.end;
  }

  #firstEndingAfter(address: Address): number {
    if (address >= this.#lastStart && address < this.#lastEnd) return this.#last;
    const regions = this.#regions;
    let low = 0;
    let high = regions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((regions[middle] as MemoryRegion).end <= address) low = middle + 1;
      else high = middle;
    }
    const found = regions[low];
    if (found !== undefined && found.start <= address) {
      this.#last = low;
      this.#lastStart = found.start;
      this.#lastEnd = found.end;
    }
    return low;
  }
}

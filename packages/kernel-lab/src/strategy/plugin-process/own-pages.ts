import { assert, PAGE_SIZE } from '@quiesce/simulation';
import {
  type EarlyAllocator,
  type OwnedMemory,
  type PageAllocator,
  type Phase,
  StrategyViolation,
} from '@quiesce/strategy';
import type { SynchronousGuest } from './synchronous-guest.ts';

/** Bytes that are cleared at once. */
const CLEARED_AT_ONCE = 0x10_0000;

/**
 * Pages of memory that neither kernel uses: a strategy's from the bottom, over all its hooks, and the lab's own from the
 * top.
 */
export class OwnPages {
  readonly #frames = new Set<number>();
  readonly #start: number;
  #next: number;
  #end: number;
  /** Bytes that the strategy has asked for. */
  bytes = 0;

  /** `start` and `end` (exclusive) are page aligned. */
  constructor(range: { readonly start: number; readonly end: number }) {
    assert(range.start % PAGE_SIZE === 0 && range.end > range.start, 'pages need an aligned range');
    this.#start = range.start;
    this.#next = range.start;
    this.#end = range.end;
  }

  /** `pages` contiguous zeroed pages, aligned to their number rounded up to a power of two. */
  allocate(guest: SynchronousGuest, pages: number, bytes: number): number {
    assert(Number.isInteger(pages) && pages > 0, `${pages} pages cannot be allocated`);
    const align = PAGE_SIZE * 2 ** Math.ceil(Math.log2(pages));
    const address = Math.ceil(this.#next / align) * align;
    const end = address + pages * PAGE_SIZE;
    assert(
      end <= this.#end,
      `the ${(this.#end - this.#start) / 1024} KiB of the lab have no ${pages} pages left`,
    );
    this.#next = end;
    for (let i = 0; i < pages; i++) this.#frames.add(address / PAGE_SIZE + i);
    this.bytes += bytes;
    clear(guest, address, pages * PAGE_SIZE);
    return address;
  }

  /** Zeroed pages that the strategy knows nothing of. */
  allocateForLab(guest: SynchronousGuest, pages: number): number {
    const address = this.#end - pages * PAGE_SIZE;
    assert(address >= this.#next, 'no memory of the lab is left');
    this.#end = address;
    clear(guest, address, pages * PAGE_SIZE);
    return address;
  }

  /** The strategy has allocated the page at `address`. */
  owns(address: number): boolean {
    return this.#frames.has(Math.floor(address / PAGE_SIZE));
  }
}

function clear(guest: SynchronousGuest, address: number, bytes: number): void {
  for (let at = 0; at < bytes; at += CLEARED_AT_ONCE) {
    guest.writeBytes(address + at, new Uint8Array(Math.min(CLEARED_AT_ONCE, bytes - at)));
  }
}

/** Leftover DMA may write to any of these pages: nobody else has them. */
export function pageService(guest: SynchronousGuest, pages: OwnPages): PageAllocator {
  const allocate = (count = 1): number => pages.allocate(guest, count, count * PAGE_SIZE);
  return { allocate, allocateForDma: allocate };
}

/** Hands out whole pages, but counts what was asked for, as the model does. */
export function bootmemService(guest: SynchronousGuest, pages: OwnPages): EarlyAllocator {
  return {
    allocate: (bytes) => pages.allocate(guest, Math.max(1, Math.ceil(bytes / PAGE_SIZE)), bytes),
  };
}

/** @param access is told before each access */
export function memoryService(
  guest: SynchronousGuest,
  pages: OwnPages,
  phase: Phase,
  access: () => void,
  report: (violation: StrategyViolation) => StrategyViolation,
): OwnedMemory {
  return {
    read32: (address) => {
      access();
      assert(Number.isInteger(address) && address >= 0 && address % 4 === 0, `no dword at ${address}`);
      return guest.read(address, 4);
    },
    write32: (address, value) => {
      access();
      if (!pages.owns(address)) {
        const where = `0x${address.toString(16)}`;
        const message = `a write to ${where}, which is not in a page that the strategy allocated`;
        throw report(new StrategyViolation('MEMORY_NOT_OWNED', phase, message));
      }
      assert(address % 4 === 0, `no dword at ${address}`);
      guest.post(address, 4, value >>> 0);
    },
  };
}

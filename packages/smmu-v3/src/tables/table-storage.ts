import { type Address, assert, type MemoryAccess, PAGE_SIZE, type WriterId } from '@quiesce/simulation';

/** Where software builds tables. */
export interface TableStorage {
  readonly memory: MemoryAccess;
  /** In whose name entries are written; default 0. */
  readonly writer?: WriterId;
  /**
   * Hands out `pages` zeroed pages of 4 KiB, aligned to their own size. Without it a table can be read and changed, not
   * extended.
   */
  readonly allocatePages?: (pages: number) => Address;
}

/** Pages for a new table. */
export function newPages(storage: TableStorage, pages: number): Address {
  assert(storage.allocatePages !== undefined, 'this table was opened without an allocator');
  const address = storage.allocatePages(pages);
  assert(address % (pages * PAGE_SIZE) === 0, `the allocator returned ${address}, which is not aligned`);
  return address;
}

/** Reads `count` dwords. */
export function readWords(
  memory: { read32(address: Address): number },
  at: Address,
  count: number,
): number[] {
  return Array.from({ length: count }, (_, i) => memory.read32(at + 4 * i));
}

/** Writes dwords from the last to the first, so that the one with the valid bit appears when the rest is there. */
export function writeWords(storage: TableStorage, at: Address, words: readonly number[]): void {
  for (let i = words.length - 1; i >= 0; i--) {
    storage.memory.write32(at + 4 * i, (words[i] as number) >>> 0, storage.writer ?? 0);
  }
}

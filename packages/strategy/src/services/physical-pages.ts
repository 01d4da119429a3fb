/**
 * Physical memory as a strategy sees it. Reading is free; writing outside of pages that this strategy
 * allocated throws a {@link StrategyViolation} (`MEMORY_NOT_OWNED`).
 */
export interface OwnedMemory {
  /** Aligned dword, 0 .. 2^32 - 1. */
  read32(address: number): number;
  write32(address: number, value: number): void;
}

/** memblock: what setup_arch has. The bytes count as extra memory in the outcome. */
export interface EarlyAllocator {
  /** Zeroed memory of the second kernel, page aligned. Returns its physical address. */
  allocate(bytes: number): number;
}

/** The page allocator: zeroed 4 KiB pages of the second kernel, counted as extra memory in the outcome. */
export interface PageAllocator {
  /** `pages` contiguous pages (default 1). Returns the physical address of the first. */
  allocate(pages?: number): number;
  /**
   * The same, for leftover DMA to write to: what lands there harms nobody. Tables, and whatever else must stay as it
   * is written, belong elsewhere.
   */
  allocateForDma(pages?: number): number;
}

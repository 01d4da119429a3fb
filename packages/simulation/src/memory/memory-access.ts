import type { Address } from './address.ts';

/** Who writes: an index handed out by {@link PhysicalMemory.writer}. */
export type WriterId = number;

/** All that a table walker needs of a memory image. Addresses are multiples of 4. */
export interface MemoryReader {
  /** 0 .. 2^32 - 1, little-endian. All ones where nothing is. */
  read32(address: Address): number;
}

/** All that software which builds tables needs of memory. */
export interface MemoryAccess extends MemoryReader {
  write32(address: Address, value: number, writer: WriterId): void;
}

import { type Address, INTERRUPT_WINDOW, type MemoryAccess, type WriterId } from '@quiesce/simulation';

/**
 * Says whether a read at an address that returned all ones was answered by nobody (master abort) rather than by memory
 * that holds all ones.
 */
export type AccessFails = (address: Address) => boolean;

/** How a unit reads its tables: the memory, and how it notices that nothing answered. */
export interface TableAccess {
  readonly memory: MemoryAccess;
  /** Under whose name accessed and dirty flags, PIR bits and wait status are written. */
  readonly writer: WriterId;
  /** First address beyond the host address width: bits 51:HAW of every pointer are reserved. */
  readonly addressLimit: Address;
  /** Bits of the high word of a pointer that are at or above the host address width. */
  readonly reservedHigh: number;
  readonly accessFails: AccessFails;
}

/** Without other knowledge all ones mean that nothing is there: no valid entry has all bits set. */
export const allOnesFail: AccessFails = () => true;

/** Two words of all ones came back from `address`: did the access fail? */
export function failed(access: TableAccess, low: number, high: number, address: Address): boolean {
  if ((low & high) >>> 0 !== 0xffff_ffff) return false;
  if (address >= INTERRUPT_WINDOW.start && address < INTERRUPT_WINDOW.end) return true;
  return access.accessFails(address);
}

/** Bits of the high word between the host address width and bit 51. */
export function reservedHighBits(hostAddressBits: number): number {
  return hostAddressBits >= 52 ? 0 : (0x000f_ffff & ~(2 ** Math.max(0, hostAddressBits - 32) - 1)) >>> 0;
}

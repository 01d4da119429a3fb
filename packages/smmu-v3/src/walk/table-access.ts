import type { Address, MemoryAccess, WriterId } from '@quiesce/simulation';

/** Whether a table access that read all ones at `address` got no answer from anything. */
export type AccessFails = (address: Address) => boolean;

/** How the unit reaches its tables and queues. */
export interface TableAccess {
  readonly memory: MemoryAccess;
  readonly writer: WriterId;
  readonly accessFails: AccessFails;
  /** One above the highest physical address (OAS). */
  readonly addressLimit: Address;
}

/** True if a structure of which `low` was read could not be fetched. */
export function fetchFailed(access: TableAccess, address: Address, low: number): boolean {
  if (address >= access.addressLimit) return true;
  return low === 0xffff_ffff && access.accessFails(address);
}

import type { Address } from '@quiesce/simulation';

/**
 * Something in a captured table that cannot be what a kernel wrote:
 * - `unreadable`: the entry reads as all ones, as memory that is not there does
 * - `loop`: it points to a table that the walk is in already
 * - `limit`: the walk was given up, what follows is missing
 */
export interface TableNote {
  readonly kind: 'unreadable' | 'loop' | 'limit';
  /** Physical address of the entry. */
  readonly entryAddress: Address;
  readonly level: number;
}

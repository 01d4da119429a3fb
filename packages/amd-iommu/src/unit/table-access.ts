import type { Address, MemoryAccess, WriterId } from '@quiesce/simulation';

/** How the unit reads and writes memory. */
export interface TableAccess {
  readonly memory: MemoryAccess;
  /** Under whose name the unit writes. */
  readonly writer: WriterId;
  /** True where nothing answers: the access ends in a hardware error. */
  readonly fails: (address: Address) => boolean;
}

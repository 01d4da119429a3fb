import type { Address, MemoryAccess, WriterId } from '@quiesce/simulation';

/** Where software builds tables. */
export interface AmdTableStorage {
  readonly memory: MemoryAccess;
  /** In whose name entries are written; default 0. */
  readonly writer?: WriterId;
  /** Hands out a zeroed page of 4 KiB. Without it a table can be read, not extended. */
  readonly allocatePage?: () => Address;
}

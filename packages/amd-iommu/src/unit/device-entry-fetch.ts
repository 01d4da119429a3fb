import type { Address, RegisterFile } from '@quiesce/simulation';
import type { DeviceTableCache } from '../cache/device-table-cache.ts';
import { amdRegister } from '../registers/iommu-registers.ts';
import { deviceTableAddress, deviceTablePages } from '../tables/device-table.ts';
import { DEVICE_TABLE_ENTRY_BYTES, DEVICE_TABLE_ENTRY_WORDS } from '../tables/device-table-entry.ts';
import type { TableAccess } from './table-access.ts';

/** There is no entry for this device: it lies beyond the table, or the table cannot be read. */
export const BEYOND_TABLE = -1;
export const UNREADABLE = -2;

/** How the unit comes to a device's entry: its cache, or the table where the base register points at this instant. */
export class DeviceEntryFetch {
  readonly #registers: RegisterFile;
  readonly #access: TableAccess;
  readonly #cache: DeviceTableCache;
  /** The last fetch put something into the cache. */
  filled = false;

  constructor(registers: RegisterFile, access: TableAccess, cache: DeviceTableCache) {
    this.#registers = registers;
    this.#access = access;
    this.#cache = cache;
  }

  /** Where in the cache's words the entry begins, {@link BEYOND_TABLE} or {@link UNREADABLE}. */
  fetch(requesterId: number): number {
    this.filled = false;
    const cache = this.#cache;
    const held = cache.find(requesterId);
    if (held >= 0) return held;
    const low = this.#registers.peek32(amdRegister.deviceTable);
    if (requesterId * DEVICE_TABLE_ENTRY_BYTES >= deviceTablePages(low) * 4096) return BEYOND_TABLE;
    const at = this.addressOf(requesterId);
    if (this.#access.fails(at)) return UNREADABLE;
    const slot = cache.take(requesterId);
    for (let i = 0; i < DEVICE_TABLE_ENTRY_WORDS; i++) {
      cache.words[slot + i] = this.#access.memory.read32(at + 4 * i);
    }
    this.filled = cache.keeps;
    return slot;
  }

  /** Where the device's entry is, as the base register stands now. */
  addressOf(requesterId: number): Address {
    const low = this.#registers.peek32(amdRegister.deviceTable);
    const high = this.#registers.peek32(amdRegister.deviceTable + 4);
    return deviceTableAddress(low, high) + requesterId * DEVICE_TABLE_ENTRY_BYTES;
  }
}

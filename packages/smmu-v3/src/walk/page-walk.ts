import type { Address } from '@quiesce/simulation';
import {
  TLB_EXECUTE_PRIVILEGED,
  TLB_EXECUTE_USER,
  TLB_READ,
  TLB_USER,
  TLB_WRITE,
} from '../cache/translation-cache.ts';
import { EventNumber } from '../events/event-names.ts';
import {
  bytesPerEntry,
  DESCRIPTOR_ACCESSED,
  DESCRIPTOR_PRIVILEGED_NO_EXECUTE,
  DESCRIPTOR_READ_ONLY,
  DESCRIPTOR_S2_READ,
  DESCRIPTOR_S2_WRITE,
  DESCRIPTOR_TABLE,
  DESCRIPTOR_UNPRIVILEGED,
  DESCRIPTOR_UNPRIVILEGED_NO_EXECUTE,
  DESCRIPTOR_VALID,
  descriptorAddress,
  TABLE_PRIVILEGED,
  TABLE_READ_ONLY,
} from '../tables/page-descriptor.ts';
import { fetchFailed, type TableAccess } from './table-access.ts';

/** High dword of a table descriptor: UXNTable (bit 60) and PXNTable (bit 59). */
const TABLE_UNPRIVILEGED_NO_EXECUTE = 0x1000_0000;
const TABLE_PRIVILEGED_NO_EXECUTE = 0x0800_0000;

/** One walk through a VMSAv8-64 table with pages of 4 KiB (Arm DDI 0487, D8.2). Results are filled in place. */
export class PageWalk {
  /** Physical address of the page. */
  frame: Address = 0;
  /** 0 4 KiB, 1 2 MiB, 2 1 GiB. */
  size = 0;
  /** TLB_READ and the like. */
  flags = 0;
  /** Physical address of the last descriptor read. */
  entry: Address = 0;
  readonly #access: TableAccess;

  constructor(access: TableAccess) {
    this.#access = access;
  }

  /** `level`: that of `table`, 0 to 2. @returns 0, or the number of the event */
  walk(
    table: Address,
    level: number,
    address: Address,
    outputLimit: Address,
    stage2: boolean,
    ignoresAccessFlag: boolean,
  ): number {
    const { memory } = this.#access;
    let next = table - (table % 4096);
    let inherited = 0;
    for (let at = level; ; at++) {
      const bytes = bytesPerEntry(at);
      const entry = next + (Math.floor(address / bytes) % 512) * 8;
      this.entry = entry;
      const low = memory.read32(entry);
      if (fetchFailed(this.#access, entry, low)) return EventNumber.walkAbort;
      if ((low & DESCRIPTOR_VALID) === 0) return EventNumber.translation;
      const high = memory.read32(entry + 4);
      next = descriptorAddress(low, high);
      const pointer = (low & DESCRIPTOR_TABLE) !== 0 && at < 3;
      // A page without bit 1, or a block at level 0, does not exist.
      if (!pointer && (at === 3 ? (low & DESCRIPTOR_TABLE) === 0 : at === 0)) return EventNumber.translation;
      if (next >= outputLimit) return EventNumber.addressSize;
      if (pointer) {
        inherited |= high;
        continue;
      }
      if ((low & DESCRIPTOR_ACCESSED) === 0 && !ignoresAccessFlag) return EventNumber.accessFlag;
      this.frame = next - (next % bytes);
      this.size = 3 - at;
      this.flags = stage2 ? stage2Rights(low, high) : stage1Rights(low, high, inherited);
      return 0;
    }
  }
}

function stage1Rights(low: number, high: number, inherited: number): number {
  let flags = TLB_READ;
  if ((low & DESCRIPTOR_READ_ONLY) === 0 && (inherited & TABLE_READ_ONLY) === 0) flags |= TLB_WRITE;
  if ((low & DESCRIPTOR_UNPRIVILEGED) !== 0 && (inherited & TABLE_PRIVILEGED) === 0) flags |= TLB_USER;
  if (((high & DESCRIPTOR_UNPRIVILEGED_NO_EXECUTE) | (inherited & TABLE_UNPRIVILEGED_NO_EXECUTE)) === 0) {
    flags |= TLB_EXECUTE_USER;
  }
  if (((high & DESCRIPTOR_PRIVILEGED_NO_EXECUTE) | (inherited & TABLE_PRIVILEGED_NO_EXECUTE)) === 0) {
    flags |= TLB_EXECUTE_PRIVILEGED;
  }
  return flags;
}

function stage2Rights(low: number, high: number): number {
  let flags = TLB_USER;
  if ((low & DESCRIPTOR_S2_READ) !== 0) flags |= TLB_READ;
  if ((low & DESCRIPTOR_S2_WRITE) !== 0) flags |= TLB_WRITE;
  if ((high & DESCRIPTOR_UNPRIVILEGED_NO_EXECUTE) === 0) flags |= TLB_EXECUTE_USER | TLB_EXECUTE_PRIVILEGED;
  return flags;
}

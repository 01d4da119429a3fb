import { type Address, INTERRUPT_WINDOW, type MemoryAccess } from '@quiesce/simulation';
import type { Capability } from '../registers/capability.ts';
import {
  SECOND_LEVEL_ACCESSED,
  SECOND_LEVEL_DIRTY,
  SECOND_LEVEL_READ,
  SECOND_LEVEL_SNOOP,
  SECOND_LEVEL_SUPERPAGE,
  SECOND_LEVEL_TRANSIENT_HIGH,
  SECOND_LEVEL_WRITE,
} from '../tables/page-entry.ts';
import { failed, type TableAccess } from './entry-access.ts';

/** How a second-level walk ended. Each mode has its own fault reason for each. */
export const WALK_DONE = 0;
/** An entry allows neither reading nor writing. */
export const WALK_NOT_PRESENT = 1;
/** An entry is present, but does not allow what was asked. */
export const WALK_DENIED = 2;
/** The first table cannot be read. */
export const WALK_ROOT_ACCESS = 3;
/** A lower table cannot be read. */
export const WALK_ACCESS = 4;
export const WALK_RESERVED = 5;
/** An accessed or dirty flag has to be set, but page walks do not snoop. */
export const WALK_FLAG_UPDATE = 6;

/**
 * Walks second-level tables (VT-d 3.7, 9.8). The result stays in the fields until the next walk, so that nothing is
 * allocated.
 */
export class SecondLevelWalk {
  /** Physical address of the page. */
  frame: Address = 0;
  /** 0 4 KiB, 1 2 MiB, 2 1 GiB. */
  size = 0;
  /** What all levels together allow: bit 0 read, bit 1 write. */
  permissions = 0;
  /** The leaf, or the entry that decided. */
  entryAddress: Address = 0;
  /** The page's dirty flag is set. */
  dirty = false;
  readonly #access: TableAccess;
  readonly #memory: MemoryAccess;
  readonly #superpages: number;
  readonly #leafReservedLow: number;
  readonly #leafReservedHigh: number;
  readonly #reservedHigh: number;

  constructor(access: TableAccess, capability: Capability) {
    this.#access = access;
    this.#memory = access.memory;
    this.#superpages = capability.superpages;
    this.#leafReservedLow = capability.snoopControl ? 0 : SECOND_LEVEL_SNOOP;
    this.#reservedHigh = access.reservedHigh | SECOND_LEVEL_TRANSIENT_HIGH;
    this.#leafReservedHigh = capability.deviceTlb ? access.reservedHigh : this.#reservedHigh;
  }

  /**
   * `needed`: permission bits that the request needs. `flags`: 0 none are kept, 1 set accessed and dirty flags,
   * 2 they are kept, but cannot be set.
   */
  walk(root: Address, levels: number, address: Address, needed: number, flags: number): number {
    const memory = this.#memory;
    const high30 = Math.floor(address / 0x4000_0000);
    const low32 = address | 0;
    // Halves of the table's address stay apart: below 4 GiB the whole walk is then integer arithmetic.
    let tableHigh = Math.floor(root / 0x1_0000_0000) | 0;
    let tableLow = root | 0;
    let permissions = SECOND_LEVEL_READ | SECOND_LEVEL_WRITE;
    for (let level = levels; ; level--) {
      const index =
        level > 2 ? (high30 >>> (9 * (level - 3))) & 511 : (low32 >>> (level === 2 ? 21 : 12)) & 511;
      const atLow = (tableLow | (index << 3)) >>> 0;
      let low = 0;
      let high = 0;
      if (tableHigh === 0) {
        low = memory.read32(atLow) | 0;
        high = memory.read32((atLow | 4) >>> 0) | 0;
      } else {
        low = memory.read32(tableHigh * 0x1_0000_0000 + atLow) | 0;
        high = memory.read32(tableHigh * 0x1_0000_0000 + atLow + 4) | 0;
      }
      if (
        (low & high) === -1 &&
        failed(this.#access, -1 >>> 0, -1 >>> 0, tableHigh * 0x1_0000_0000 + atLow)
      ) {
        return this.#stop(tableHigh, atLow, level === levels ? WALK_ROOT_ACCESS : WALK_ACCESS);
      }
      if ((low & 3) === 0) return this.#stop(tableHigh, atLow, WALK_NOT_PRESENT);
      const leaf = level === 1 || (low & SECOND_LEVEL_SUPERPAGE) !== 0;
      if (!leaf) {
        if ((low & SECOND_LEVEL_SNOOP) !== 0 || (high & this.#reservedHigh) !== 0) {
          return this.#stop(tableHigh, atLow, WALK_RESERVED);
        }
      } else if (this.#leafReserved(level, low, high)) return this.#stop(tableHigh, atLow, WALK_RESERVED);
      permissions &= low;
      if ((permissions & needed) !== needed) return this.#stop(tableHigh, atLow, WALK_DENIED);
      if (flags !== 0) {
        const at = tableHigh * 0x1_0000_0000 + atLow;
        const write = leaf && (needed & SECOND_LEVEL_WRITE) !== 0;
        if (!this.#mark(at, low, write, flags)) return this.#stop(tableHigh, atLow, WALK_FLAG_UPDATE);
      }
      if (leaf) {
        this.frame = (high & 0x000f_ffff) * 0x1_0000_0000 + ((low & 0xffff_f000) >>> 0);
        this.size = level - 1;
        this.permissions = permissions;
        return this.#stop(tableHigh, atLow, WALK_DONE);
      }
      tableHigh = high & 0x000f_ffff;
      tableLow = low & 0xffff_f000;
    }
  }

  /** Does the page just found lead `address`, which lies in it, into the interrupt window (VT-d 3.14)? */
  blocks(address: Address): boolean {
    const output = this.frame + (this.size === 0 ? 0 : address % 2 ** (12 + 9 * this.size));
    return output >= INTERRUPT_WINDOW.start && output < INTERRUPT_WINDOW.end;
  }

  #stop(tableHigh: number, atLow: number, result: number): number {
    this.entryAddress = tableHigh * 0x1_0000_0000 + atLow;
    return result;
  }

  /** Reserved bits of a leaf: superpages the unit lacks, address bits below a superpage, SNP and TM (VT-d 9.8). */
  #leafReserved(level: number, low: number, high: number): boolean {
    if (level > 1 && (level > 3 || ((this.#superpages >>> (level - 2)) & 1) === 0)) return true;
    const below = level === 1 ? 0 : level === 2 ? 0x001f_f000 : 0x3fff_f000;
    return (low & (this.#leafReservedLow | below)) !== 0 || (high & this.#leafReservedHigh) !== 0;
  }

  /** Sets the accessed flag, of a written page the dirty flag too (VT-d 3.7.2). */
  #mark(at: Address, low: number, write: boolean, flags: number): boolean {
    const next = low | SECOND_LEVEL_ACCESSED | (write ? SECOND_LEVEL_DIRTY : 0);
    this.dirty = (next & SECOND_LEVEL_DIRTY) !== 0;
    if (next === low) return true;
    if (flags === 2) return false;
    this.#memory.write32(at, next >>> 0, this.#access.writer);
    return true;
  }
}

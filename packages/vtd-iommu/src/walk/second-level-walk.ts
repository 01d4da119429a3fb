import type { Address, MemoryAccess } from '@quiesce/simulation';
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
    this.#reservedHigh = (access.reservedHigh | SECOND_LEVEL_TRANSIENT_HIGH) >>> 0;
    this.#leafReservedHigh = capability.deviceTlb ? access.reservedHigh : this.#reservedHigh;
  }

  /**
   * `needed`: permission bits that the request needs. `flags`: 0 none are kept, 1 set accessed and dirty flags,
   * 2 they are kept, but cannot be set.
   */
  walk(root: Address, levels: number, address: Address, needed: number, flags: number): number {
    const memory = this.#memory;
    const high30 = Math.floor(address / 0x4000_0000);
    const low30 = address >>> 0;
    let table = root;
    let permissions = SECOND_LEVEL_READ | SECOND_LEVEL_WRITE;
    for (let level = levels; ; level--) {
      const index =
        level > 2 ? (high30 >>> (9 * (level - 3))) & 511 : (low30 >>> (level === 2 ? 21 : 12)) & 511;
      const at = table + index * 8;
      const low = memory.read32(at);
      const high = memory.read32(at + 4);
      this.entryAddress = at;
      if ((low & high) >>> 0 === 0xffff_ffff && failed(this.#access, low, high, at)) {
        return level === levels ? WALK_ROOT_ACCESS : WALK_ACCESS;
      }
      if ((low & 3) === 0) return WALK_NOT_PRESENT;
      const superpage = (low & SECOND_LEVEL_SUPERPAGE) !== 0 && level > 1;
      if (superpage || level === 1) {
        if (superpage && (level > 3 || ((this.#superpages >>> (level - 2)) & 1) === 0)) return WALK_RESERVED;
        const below = level === 1 ? 0 : level === 2 ? 0x001f_f000 : 0x3fff_f000;
        if ((low & (this.#leafReservedLow | below)) !== 0 || (high & this.#leafReservedHigh) !== 0) {
          return WALK_RESERVED;
        }
      } else if ((low & SECOND_LEVEL_SNOOP) !== 0 || (high & this.#reservedHigh) !== 0) {
        return WALK_RESERVED;
      }
      permissions &= low;
      if ((permissions & needed) !== needed) return WALK_DENIED;
      if (superpage || level === 1) {
        if (flags !== 0 && !this.#mark(at, low, (needed & SECOND_LEVEL_WRITE) !== 0, flags)) {
          return WALK_FLAG_UPDATE;
        }
        this.frame = (high & 0x000f_ffff) * 0x1_0000_0000 + ((low & 0xffff_f000) >>> 0);
        this.size = level - 1;
        this.permissions = permissions;
        return WALK_DONE;
      }
      if (flags !== 0 && !this.#mark(at, low, false, flags)) return WALK_FLAG_UPDATE;
      table = (high & 0x000f_ffff) * 0x1_0000_0000 + ((low & 0xffff_f000) >>> 0);
    }
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

import type { Address } from '@quiesce/simulation';
import {
  TLB_DIRTY,
  TLB_EXECUTE,
  TLB_READ,
  TLB_SUPERVISOR_WRITE,
  TLB_USER,
  TLB_WRITE,
} from '../cache/io-tlb.ts';
import type { Capability } from '../registers/capability.ts';
import {
  FIRST_LEVEL_ACCESSED,
  FIRST_LEVEL_DIRTY,
  FIRST_LEVEL_EXECUTE_DISABLE_HIGH,
  FIRST_LEVEL_EXTENDED_ACCESSED,
  FIRST_LEVEL_PRESENT,
  FIRST_LEVEL_SUPERPAGE,
  FIRST_LEVEL_USER,
  FIRST_LEVEL_WRITE,
} from '../tables/page-entry.ts';
import { failed, type TableAccess } from './entry-access.ts';

/** Turns a guest physical address of a table into one that can be read; nested translation puts a second level here. */
export interface TableTranslation {
  /** What `resolve` found. */
  address: Address;
  /** @returns 0, or the fault reason. `top`: the highest table; `write`: flags are to be set. */
  resolve(guestAddress: Address, top: boolean, write: boolean): number;
}

/** Walks first-level tables (VT-d 3.6, 9.7), the format of a CPU's. Results stay in the fields until the next walk. */
export class FirstLevelWalk {
  frame: Address = 0;
  /** 0 4 KiB, 1 2 MiB, 2 1 GiB. */
  size = 0;
  /** TLB_ flags that all levels together allow. */
  flags = 0;
  entryAddress: Address = 0;
  readonly #access: TableAccess;
  readonly #capability: Capability;
  /** The entries of the last walk, as read, for the flags. */
  readonly #guest: Float64Array = new Float64Array(6);
  readonly #host: Float64Array = new Float64Array(6);
  readonly #words: Uint32Array = new Uint32Array(6);
  #count = 0;

  constructor(access: TableAccess, capability: Capability) {
    this.#access = access;
    this.#capability = capability;
  }

  /** @returns 0, or the fault reason; permissions are for the caller to check */
  walk(
    root: Address,
    levels: number,
    address: Address,
    noExecute: boolean,
    nested: TableTranslation | undefined,
  ): number {
    // Addresses here have fewer bits than a canonical upper half: the sign bit must be clear.
    if (address >= 2 ** (11 + 9 * levels)) return 0x80;
    const { memory, reservedHigh } = this.#access;
    const reserved = (reservedHigh | (noExecute ? 0 : FIRST_LEVEL_EXECUTE_DISABLE_HIGH)) >>> 0;
    let flags = TLB_READ | TLB_WRITE | TLB_USER | TLB_EXECUTE;
    let table = root;
    this.#count = 0;
    for (let level = levels; ; level--) {
      const index = Math.floor(address / 2 ** (3 + 9 * level)) % 512;
      const guest = table + index * 8;
      let at = guest;
      if (nested !== undefined) {
        const reason = nested.resolve(guest, level === levels, false);
        if (reason !== 0) return reason;
        at = nested.address;
      }
      this.entryAddress = at;
      const low = memory.read32(at);
      const high = memory.read32(at + 4);
      if (failed(this.#access, low, high, at)) return level === levels ? 0x73 : 0x70;
      if ((low & FIRST_LEVEL_PRESENT) === 0) return 0x71;
      const superpage = level > 1 && (low & FIRST_LEVEL_SUPERPAGE) !== 0;
      if ((high & reserved) !== 0) return 0x72;
      if (superpage) {
        if (level > 3 || (level === 3 && !this.#capability.firstLevelGigabyte)) return 0x72;
        // Bit 12 is PAT.
        if ((low & (level === 2 ? 0x001f_e000 : 0x3fff_e000)) !== 0) return 0x72;
      }
      this.#guest[this.#count] = guest;
      this.#host[this.#count] = at;
      this.#words[this.#count] = low;
      this.#count++;
      if ((low & FIRST_LEVEL_WRITE) === 0) flags &= ~TLB_WRITE;
      if ((low & FIRST_LEVEL_USER) === 0) flags &= ~TLB_USER;
      if ((high & FIRST_LEVEL_EXECUTE_DISABLE_HIGH) !== 0) flags &= ~TLB_EXECUTE;
      table = (high & 0x000f_ffff) * 0x1_0000_0000 + ((low & 0xffff_f000) >>> 0);
      if (!superpage && level > 1) continue;
      this.size = level - 1;
      const bytes = 2 ** (3 + 9 * level);
      this.frame = table - (table % bytes);
      this.flags = flags | TLB_SUPERVISOR_WRITE | ((low & FIRST_LEVEL_DIRTY) !== 0 ? TLB_DIRTY : 0);
      return 0;
    }
  }

  /**
   * Sets the accessed flag in every entry of the last walk and, for a write, the dirty flag of the page (VT-d 3.6.2).
   * @returns 0, or the fault reason
   */
  markUsed(write: boolean, extended: boolean, snoop: boolean, nested: TableTranslation | undefined): number {
    const used = FIRST_LEVEL_ACCESSED | (extended ? FIRST_LEVEL_EXTENDED_ACCESSED : 0);
    for (let i = 0; i < this.#count; i++) {
      const low = this.#words[i] as number;
      const next = low | used | (write && i === this.#count - 1 ? FIRST_LEVEL_DIRTY : 0);
      if (next === low) continue;
      this.entryAddress = this.#host[i] as number;
      if (!snoop) return 0x90;
      if (nested !== undefined) {
        const reason = nested.resolve(this.#guest[i] as number, i === 0, true);
        if (reason !== 0) return reason;
      }
      this.#access.memory.write32(this.#host[i] as number, next >>> 0, this.#access.writer);
    }
    if (write) this.flags |= TLB_DIRTY;
    this.entryAddress = this.#host[this.#count - 1] as number;
    return 0;
  }
}

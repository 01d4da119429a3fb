import type { Address } from '@quiesce/simulation';
import {
  TLB_DIRTY,
  TLB_EXECUTE,
  TLB_READ,
  TLB_SUPERVISOR_WRITE,
  TLB_USER,
  TLB_WRITE,
} from '../cache/io-tlb.ts';
import {
  PASID_ADDRESS,
  PASID_EXTENDED_ACCESSED,
  PASID_FIRST_LEVEL,
  PASID_FLAGS,
  PASID_LEVELS,
  PASID_NO_EXECUTE,
  PASID_SECOND_LEVEL,
  PASID_SECOND_LEVEL_FLAGS,
  PASID_TYPE,
  PASID_WALK_SNOOP,
} from '../cache/pasid-cache.ts';
import type { Capability } from '../registers/capability.ts';
import { NESTED_TRANSLATION, SECOND_LEVEL_TRANSLATION } from '../tables/pasid-entry.ts';
import type { AccessCheck } from './access-check.ts';
import type { TableAccess } from './entry-access.ts';
import { FirstLevelWalk, type TableTranslation } from './first-level-walk.ts';
import { SecondLevelWalk, WALK_DENIED, WALK_DONE } from './second-level-walk.ts';

/** Fault reasons of a second-level walk, by how it ended; a denial is told apart by who was denied. */
const secondLevelReasons = [0, 0x79, 0, 0x7b, 0x78, 0x7a, 0x7c] as const;

/** The walk that a PASID table entry asks for: first level, second level, or one nested in the other (VT-d 3.8). */
export class PasidWalk implements TableTranslation {
  frame: Address = 0;
  /** 0 4 KiB, 1 2 MiB, 2 1 GiB. */
  size = 0;
  /** TLB_ flags. */
  flags = 0;
  /** The leaf, or the entry that decided. */
  entryAddress: Address = 0;
  /** Of `resolve`. */
  address: Address = 0;
  readonly #first: FirstLevelWalk;
  readonly #second: SecondLevelWalk;
  readonly #guestAddressWidth: number;
  #secondRoot: Address = 0;
  #secondLevels = 0;
  #secondLimit = 0;
  /** See SecondLevelWalk.walk. */
  #secondFlags = 0;

  constructor(access: TableAccess, capability: Capability) {
    this.#first = new FirstLevelWalk(access, capability);
    this.#second = new SecondLevelWalk(access, capability);
    this.#guestAddressWidth = capability.guestAddressWidth;
  }

  /** `fields`, `entry`: the PASID cache and a place in it. @returns 0, or the fault reason */
  walk(fields: Float64Array, entry: number, address: Address, check: AccessCheck): number {
    const flags = fields[entry + PASID_FLAGS] as number;
    const type = flags & PASID_TYPE;
    const levels = fields[entry + PASID_LEVELS] as number;
    const snoop = (flags & PASID_WALK_SNOOP) !== 0;
    this.#secondRoot = fields[entry + PASID_SECOND_LEVEL] as number;
    this.#secondLevels = levels & 0xf;
    this.#secondLimit = 2 ** Math.min(this.#guestAddressWidth, 12 + 9 * this.#secondLevels);
    this.#secondFlags = (flags & PASID_SECOND_LEVEL_FLAGS) === 0 ? 0 : snoop ? 1 : 2;
    if (type === SECOND_LEVEL_TRANSLATION) return this.#walkSecond(address, check);

    this.entryAddress = fields[entry + PASID_ADDRESS] as number;
    const first = this.#first;
    const nested = type === NESTED_TRANSLATION ? this : undefined;
    const root = fields[entry + PASID_FIRST_LEVEL] as number;
    let reason = first.walk(root, levels >>> 4, address, (flags & PASID_NO_EXECUTE) !== 0, nested);
    // A second level that stopped the first has said where.
    if (reason < 0x74) this.entryAddress = first.entryAddress;
    if (reason !== 0) return reason;
    reason = check.denied(first.flags);
    if (reason !== 0) return reason;
    const firstFrame = first.frame;
    const firstSize = first.size;
    if (nested !== undefined) {
      const bytes = 2 ** (12 + 9 * firstSize);
      reason = this.#walkSecond(firstFrame + (address % bytes), check);
      if (reason !== 0) return reason;
      this.#combine(address, firstFrame, firstSize);
    }
    const extended = (flags & PASID_EXTENDED_ACCESSED) !== 0;
    // Resolving a table again moves the fields of the second-level walk, so they are kept.
    const { frame, size } = this;
    let found = nested === undefined ? first.flags : this.flags;
    reason = first.markUsed(check.write, extended, snoop, nested);
    if (reason === 0 || reason === 0x90) this.entryAddress = first.entryAddress;
    if (reason !== 0) return reason;
    if (check.write) found |= TLB_DIRTY;
    this.flags = found;
    this.frame = nested === undefined ? firstFrame : frame;
    this.size = nested === undefined ? firstSize : size;
    return 0;
  }

  resolve(guestAddress: Address, top: boolean, write: boolean): number {
    const second = this.#second;
    if (guestAddress >= this.#secondLimit) return 0x74;
    const needed = write ? TLB_READ | TLB_WRITE : TLB_READ;
    const result = second.walk(this.#secondRoot, this.#secondLevels, guestAddress, needed, this.#secondFlags);
    if (result === WALK_DONE) {
      this.address = second.frame + (guestAddress % 2 ** (12 + 9 * second.size));
      return 0;
    }
    this.entryAddress = second.entryAddress;
    if (result === WALK_DENIED) return write ? 0x77 : top ? 0x75 : 0x76;
    return secondLevelReasons[result] as number;
  }

  #walkSecond(address: Address, check: AccessCheck): number {
    const second = this.#second;
    if (address >= this.#secondLimit) return 0x84;
    const needed = check.write ? TLB_WRITE : TLB_READ;
    const result = second.walk(this.#secondRoot, this.#secondLevels, address, needed, this.#secondFlags);
    this.entryAddress = second.entryAddress;
    if (result === WALK_DENIED) return check.write ? 0x85 : 0x86;
    if (result !== WALK_DONE) return secondLevelReasons[result] as number;
    this.frame = second.frame;
    this.size = second.size;
    this.flags =
      second.permissions |
      TLB_USER |
      TLB_EXECUTE |
      ((second.permissions & TLB_WRITE) !== 0 ? TLB_SUPERVISOR_WRITE : 0) |
      (this.#secondFlags !== 0 && second.dirty ? TLB_DIRTY : 0);
    return 0;
  }

  /** The page of both levels is the smaller one; its rights are those that both give. */
  #combine(address: Address, firstFrame: Address, firstSize: number): void {
    const guest = firstFrame + (address % 2 ** (12 + 9 * firstSize));
    const output = this.frame + (guest % 2 ** (12 + 9 * this.size));
    this.size = Math.min(this.size, firstSize);
    this.frame = output - (address % 2 ** (12 + 9 * this.size));
    this.flags &= this.#first.flags | TLB_DIRTY;
    // Dirty is known to be set only if no level keeps a clear one.
    if ((this.#first.flags & TLB_DIRTY) === 0 || (this.#secondFlags !== 0 && !this.#second.dirty)) {
      this.flags &= ~TLB_DIRTY;
    } else this.flags |= TLB_DIRTY;
  }
}

import { type Address, pageAddress } from '@quiesce/simulation';
import {
  PASID_ADDRESS,
  PASID_DOMAIN,
  PASID_EXECUTE,
  PASID_EXTENDED_ACCESSED,
  PASID_FIRST_LEVEL,
  PASID_FLAGS,
  PASID_FPD,
  PASID_LEVELS,
  PASID_NO_EXECUTE,
  PASID_SECOND_LEVEL,
  PASID_SECOND_LEVEL_FLAGS,
  PASID_SUPERVISOR,
  PASID_WALK_SNOOP,
  PASID_WRITE_PROTECT,
  type PasidCache,
} from '../cache/pasid-cache.ts';
import type { Capability } from '../registers/capability.ts';
import {
  FIRST_LEVEL_TRANSLATION,
  NESTED_TRANSLATION,
  PASID_DIRECTORY_RESERVED_LOW,
  PASID_ENTRY_RESERVED_WORD0,
  PASID_ENTRY_RESERVED_WORD2,
  PASID_PASS_THROUGH,
  pasidDirectoryFaultDisable,
  pasidDirectoryPresent,
  pasidDirectoryTable,
  pasidEntryAddressWidth,
  pasidEntryDomainId,
  pasidEntryExecuteRequests,
  pasidEntryExtendedAccessed,
  pasidEntryFaultDisable,
  pasidEntryFirstLevelMode,
  pasidEntryFirstLevelTable,
  pasidEntryPageWalkSnoop,
  pasidEntryPresent,
  pasidEntrySecondLevelAccessedDirty,
  pasidEntrySupervisorRequests,
  pasidEntryTranslationType,
  pasidEntryWriteProtect,
  SECOND_LEVEL_TRANSLATION,
} from '../tables/pasid-entry.ts';
import { failed, type TableAccess } from './entry-access.ts';

/** NXE, bit 133. */
const NO_EXECUTE_ENABLE = 1 << 5;
/** Bits 139:136. */
const RESERVED_WORD4 = 0xf00;

/** Reads a PASID's directory and table entry (VT-d 3.4.3, 9.5, 9.6) into the PASID cache. */
export class PasidFetch {
  entryAddress: Address = 0;
  /** FPD in the directory or table entry. */
  faultDisabled = false;
  readonly #access: TableAccess;
  readonly #capability: Capability;
  readonly #cache: PasidCache;

  constructor(access: TableAccess, capability: Capability, cache: PasidCache) {
    this.#access = access;
    this.#capability = capability;
    this.#cache = cache;
  }

  /** @returns the entry's place in the PASID cache, or minus the fault reason */
  fetch(directory: Address, requesterId: number, pasid: number): number {
    const { memory, reservedHigh } = this.#access;
    const reservedPointer = reservedHigh | 0xfff0_0000;
    this.faultDisabled = false;
    const slot = directory + (pasid >>> 6) * 8;
    this.entryAddress = slot;
    const low = memory.read32(slot);
    const high = memory.read32(slot + 4);
    if (failed(this.#access, low, high, slot)) return -0x50;
    this.faultDisabled = pasidDirectoryFaultDisable(low);
    if (!pasidDirectoryPresent(low)) return -0x51;
    if ((low & PASID_DIRECTORY_RESERVED_LOW) !== 0 || (high & reservedPointer) !== 0) return -0x52;

    const entry = pasidDirectoryTable(low, high) + (pasid & 0x3f) * 64;
    this.entryAddress = entry;
    const word0 = memory.read32(entry);
    const word1 = memory.read32(entry + 4);
    if (failed(this.#access, word0, word1, entry)) return -0x58;
    if (pasidEntryFaultDisable(word0)) this.faultDisabled = true;
    if (!pasidEntryPresent(word0)) return -0x59;
    const word2 = memory.read32(entry + 8);
    const word4 = memory.read32(entry + 16);
    const word5 = memory.read32(entry + 20);
    let reserved = (word0 & PASID_ENTRY_RESERVED_WORD0) | ((word1 | word5) & reservedPointer);
    reserved |= (word2 & PASID_ENTRY_RESERVED_WORD2) | (word4 & RESERVED_WORD4);
    for (let at = 24; at < 64; at += 4) reserved |= memory.read32(entry + at);
    if (reserved !== 0) return -0x5a;
    if (!this.#supported(word0, word4)) return -0x5b;

    const at = this.#cache.allocate(requesterId, pasid);
    const fields = this.#cache.fields;
    fields[at + PASID_DOMAIN] = pasidEntryDomainId(word2);
    fields[at + PASID_FLAGS] =
      pasidEntryTranslationType(word0) |
      (this.faultDisabled ? PASID_FPD : 0) |
      (pasidEntrySupervisorRequests(word4) ? PASID_SUPERVISOR : 0) |
      (pasidEntryExecuteRequests(word4) ? PASID_EXECUTE : 0) |
      (pasidEntryWriteProtect(word4) ? PASID_WRITE_PROTECT : 0) |
      ((word4 & NO_EXECUTE_ENABLE) !== 0 ? PASID_NO_EXECUTE : 0) |
      (pasidEntryPageWalkSnoop(word2) ? PASID_WALK_SNOOP : 0) |
      (pasidEntrySecondLevelAccessedDirty(word0) ? PASID_SECOND_LEVEL_FLAGS : 0) |
      (pasidEntryExtendedAccessed(word4) ? PASID_EXTENDED_ACCESSED : 0);
    fields[at + PASID_SECOND_LEVEL] = pageAddress(word0, word1);
    fields[at + PASID_LEVELS] =
      (pasidEntryAddressWidth(word0) + 2) | ((pasidEntryFirstLevelMode(word4) + 4) << 4);
    fields[at + PASID_FIRST_LEVEL] = pasidEntryFirstLevelTable(word4, word5);
    fields[at + PASID_ADDRESS] = entry;
    return at;
  }

  /** Does the unit have what the entry asks for? */
  #supported(word0: number, word4: number): boolean {
    const c = this.#capability;
    const type = pasidEntryTranslationType(word0);
    if (type === PASID_PASS_THROUGH) return c.passThrough;
    const first = type === FIRST_LEVEL_TRANSLATION || type === NESTED_TRANSLATION;
    const second = type === SECOND_LEVEL_TRANSLATION || type === NESTED_TRANSLATION;
    if (!first && !second) return false;
    if (type === NESTED_TRANSLATION && !c.nested) return false;
    if (first) {
      const mode = pasidEntryFirstLevelMode(word4);
      if (!c.firstLevel || mode > 1 || (mode === 1 && !c.firstLevelFive)) return false;
      if (pasidEntryExtendedAccessed(word4) && !c.extendedAccessed) return false;
    }
    if (second) {
      const width = pasidEntryAddressWidth(word0);
      if (!c.secondLevel || width < 1 || width > 3 || ((c.supportedWidths >>> width) & 1) === 0) return false;
      if (pasidEntrySecondLevelAccessedDirty(word0) && !c.secondLevelFlags) return false;
    }
    return true;
  }
}

import { type Address, pageAddress } from '@quiesce/simulation';
import {
  ANY_DOMAIN,
  CONTEXT_ADDRESS,
  CONTEXT_DOMAIN,
  CONTEXT_FLAGS,
  CONTEXT_FPD,
  CONTEXT_LEVELS,
  CONTEXT_LIMIT,
  CONTEXT_POINTER,
  type ContextCache,
} from '../cache/context-cache.ts';
import type { Capability } from '../registers/capability.ts';
import { ROOT_RESERVED_LOW, rootContextTable, rootPresent } from '../tables/root-entry.ts';
import {
  SCALABLE_CONTEXT_RESERVED_WORD0,
  SCALABLE_CONTEXT_RESERVED_WORD2,
  scalableContextDeviceTlb,
  scalableContextDirectorySize,
  scalableContextFaultDisable,
  scalableContextPageRequests,
  scalableContextPasidEnable,
  scalableContextPasidLimit,
  scalableContextPresent,
  scalableContextRidPasid,
  scalableContextRidPrivileged,
} from '../tables/scalable-context-entry.ts';
import { failed, type TableAccess } from './entry-access.ts';

/** In CONTEXT_FLAGS of a scalable-mode entry. */
export const CONTEXT_DEVICE_TLB = 0x1;
export const CONTEXT_PASID_ENABLE = 0x2;
export const CONTEXT_PAGE_REQUESTS = 0x4;
export const CONTEXT_RID_PRIVILEGED = 0x8;

/** Reads a requester's scalable-mode root half and context entry (VT-d 3.4.4, 9.2, 9.4) into the context cache. */
export class ScalableContextFetch {
  entryAddress: Address = 0;
  faultDisabled = false;
  readonly #access: TableAccess;
  readonly #capability: Capability;
  readonly #cache: ContextCache;

  constructor(access: TableAccess, capability: Capability, cache: ContextCache) {
    this.#access = access;
    this.#capability = capability;
    this.#cache = cache;
  }

  /** @returns the entry's place in the context cache, or minus the fault reason */
  fetch(rootTable: Address, requesterId: number): number {
    const { memory, reservedHigh } = this.#access;
    const reservedPointer = reservedHigh | 0xfff0_0000;
    this.faultDisabled = false;
    const root = rootTable + (requesterId >>> 8) * 16 + ((requesterId & 0x80) >>> 4);
    this.entryAddress = root;
    if (rootTable >= this.#access.addressLimit) return -0x30;
    const rootLow = memory.read32(root);
    const rootHigh = memory.read32(root + 4);
    if (failed(this.#access, rootLow, rootHigh, root)) return -0x38;
    if (!rootPresent(rootLow)) return -0x39;
    if ((rootLow & ROOT_RESERVED_LOW) !== 0 || (rootHigh & reservedPointer) !== 0) return -0x3a;

    const entry = rootContextTable(rootLow, rootHigh) + (requesterId & 0x7f) * 32;
    this.entryAddress = entry;
    const word0 = memory.read32(entry);
    const word1 = memory.read32(entry + 4);
    if (failed(this.#access, word0, word1, entry)) return -0x40;
    this.faultDisabled = scalableContextFaultDisable(word0);
    if (!scalableContextPresent(word0)) return -0x41;
    const word2 = memory.read32(entry + 8);
    let reserved = (word0 & SCALABLE_CONTEXT_RESERVED_WORD0) | (word1 & reservedPointer);
    reserved |= word2 & SCALABLE_CONTEXT_RESERVED_WORD2;
    for (let at = 12; at < 32; at += 4) reserved |= memory.read32(entry + at);
    if (reserved !== 0) return -0x42;
    const c = this.#capability;
    const limit = scalableContextPasidLimit(word0);
    if (
      (scalableContextDeviceTlb(word0) && !c.deviceTlb) ||
      (scalableContextPasidEnable(word0) && !c.pasid) ||
      (scalableContextPageRequests(word0) && !c.pageRequests) ||
      // A directory of more than one page is for PASIDs that the unit must support.
      (scalableContextDirectorySize(word0) > 0 && limit > 2 ** c.pasidBits)
    ) {
      return -0x43;
    }
    const ridPasid = c.ridPasid ? scalableContextRidPasid(word2) : 0;
    if (ridPasid >= limit) return -0x48;

    const at = this.#cache.allocate(requesterId);
    const fields = this.#cache.fields;
    fields[at + CONTEXT_DOMAIN] = ANY_DOMAIN;
    fields[at + CONTEXT_FLAGS] =
      (scalableContextDeviceTlb(word0) ? CONTEXT_DEVICE_TLB : 0) |
      (scalableContextPasidEnable(word0) ? CONTEXT_PASID_ENABLE : 0) |
      (scalableContextPageRequests(word0) ? CONTEXT_PAGE_REQUESTS : 0) |
      (scalableContextRidPrivileged(word2) ? CONTEXT_RID_PRIVILEGED : 0) |
      (this.faultDisabled ? CONTEXT_FPD : 0);
    fields[at + CONTEXT_POINTER] = pageAddress(word0, word1);
    fields[at + CONTEXT_LEVELS] = ridPasid;
    fields[at + CONTEXT_LIMIT] = limit;
    fields[at + CONTEXT_ADDRESS] = entry;
    return at;
  }
}

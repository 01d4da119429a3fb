import { type Address, pageAddress } from '@quiesce/simulation';
import {
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
import { failed, type TableAccess } from './entry-access.ts';

/**
 * Reads a requester's legacy root and context entry (VT-d 3.4.1 to 3.4.3, 9.1, 9.3) into the context cache.
 * Checks stand in the order in which hardware meets the bytes.
 */
export class LegacyContextFetch {
  /** Physical address of the entry that decided. */
  entryAddress: Address = 0;
  /** The context entry was read and says FPD. */
  faultDisabled = false;
  readonly #access: TableAccess;
  readonly #capability: Capability;
  readonly #cache: ContextCache;
  /** First address beyond a table, by AW. */
  readonly #limits: Float64Array = new Float64Array(4);

  constructor(access: TableAccess, capability: Capability, cache: ContextCache) {
    this.#access = access;
    this.#capability = capability;
    this.#cache = cache;
    for (let width = 0; width < 4; width++) {
      this.#limits[width] = 2 ** Math.min(capability.guestAddressWidth, 30 + 9 * width);
    }
  }

  /** @returns the entry's place in the context cache, or minus the fault reason */
  fetch(rootTable: Address, requesterId: number): number {
    const { memory, reservedHigh } = this.#access;
    this.faultDisabled = false;
    const root = rootTable + (requesterId >>> 8) * 16;
    this.entryAddress = root;
    const rootLow = memory.read32(root);
    const rootHigh = memory.read32(root + 4);
    if (rootTable >= this.#access.addressLimit) return -0x08;
    if (failed(this.#access, rootLow, rootHigh, root)) return -0x08;
    if ((rootLow & 1) === 0) return -0x01;
    const upper = memory.read32(root + 8) | memory.read32(root + 12);
    if ((rootLow & 0xffe) !== 0 || (rootHigh & (reservedHigh | 0xfff0_0000)) !== 0 || upper !== 0)
      return -0x0a;

    const entry = pageAddress(rootLow, rootHigh) + (requesterId & 0xff) * 16;
    this.entryAddress = entry;
    const low = memory.read32(entry);
    const high = memory.read32(entry + 4);
    if (failed(this.#access, low, high, entry)) return -0x09;
    const word2 = memory.read32(entry + 8);
    this.faultDisabled = (low & 2) !== 0;
    if ((low & 1) === 0) return -0x02;
    const reserved = (low & 0xff0) | (high & (reservedHigh | 0xfff0_0000)) | (word2 & 0xff00_0080);
    if (reserved !== 0 || memory.read32(entry + 12) !== 0) return -0x0b;
    const type = (low >>> 2) & 3;
    const width = word2 & 7;
    const c = this.#capability;
    if (type === 3 || (type === 1 && !c.deviceTlb) || (type === 2 && !c.passThrough)) return -0x03;
    if (width < 1 || width > 3 || ((c.supportedWidths >>> width) & 1) === 0) return -0x03;

    const at = this.#cache.allocate(requesterId);
    const fields = this.#cache.fields;
    fields[at + CONTEXT_DOMAIN] = (word2 >>> 8) & 0xffff;
    fields[at + CONTEXT_FLAGS] = type | (this.faultDisabled ? CONTEXT_FPD : 0);
    fields[at + CONTEXT_POINTER] = pageAddress(low, high);
    fields[at + CONTEXT_LEVELS] = width + 2;
    fields[at + CONTEXT_LIMIT] = this.#limits[width] as number;
    fields[at + CONTEXT_ADDRESS] = entry;
    return at;
  }
}

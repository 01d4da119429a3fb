import { type Address, highWord, lowWord } from '@quiesce/simulation';
import type { EntryWords } from './entry-words.ts';

/** Descriptor types (VT-d 6.5.2): bits 11:9 and 3:0 of the first dword. */
export const CONTEXT_CACHE_INVALIDATE = 1;
/** VT-d 6.5.2.2. */
export const IOTLB_INVALIDATE = 2;
/** VT-d 6.5.2.5. */
export const DEVICE_TLB_INVALIDATE = 3;
/** VT-d 6.5.2.7. */
export const INTERRUPT_ENTRY_INVALIDATE = 4;
/** VT-d 6.5.2.8. */
export const INVALIDATION_WAIT = 5;
/** VT-d 6.5.2.4. */
export const PASID_IOTLB_INVALIDATE = 6;
/** VT-d 6.5.2.3. */
export const PASID_CACHE_INVALIDATE = 7;
/** VT-d 6.5.2.6. */
export const PASID_DEVICE_TLB_INVALIDATE = 8;
/** The answer of software to a page request (VT-d 7.7). */
export const PAGE_GROUP_RESPONSE = 9;

/** Granularity of context-cache and IOTLB invalidation. */
export const GLOBAL_GRANULARITY = 1;
/** One domain. */
export const DOMAIN_GRANULARITY = 2;
/** Of the context cache: one requester. */
export const DEVICE_GRANULARITY = 3;
/** Of the IOTLB: pages of one domain. */
export const PAGE_GRANULARITY = 3;

/** Bits 3:0, with bits 11:9 above them. */
export function descriptorType(word0: number): number {
  return (word0 & 0xf) | ((word0 >>> 5) & 0x70);
}

/** Bits 5:4 of context-cache, IOTLB and PASID descriptors. */
export function descriptorGranularity(word0: number): number {
  return (word0 >>> 4) & 3;
}

/** Bits 31:16 of context-cache, IOTLB and PASID descriptors. */
export function descriptorDomainId(word0: number): number {
  return word0 >>> 16;
}

/** Bits 47:32 of context-cache and device-TLB descriptors. */
export function descriptorSourceId(word1: number): number {
  return word1 & 0xffff;
}

/** Bits 51:32 of PASID descriptors. */
export function descriptorPasid(word1: number): number {
  return word1 & 0xf_ffff;
}

/** AM, bits 69:64: 2^AM pages. */
export function descriptorAddressMask(word2: number): number {
  return word2 & 0x3f;
}

/** IH, bit 70: only leaf entries changed. */
export function descriptorLeafOnly(word2: number): boolean {
  return (word2 & 0x40) !== 0;
}

/** Bits 127:76. */
export function descriptorAddress(word2: number, word3: number): Address {
  return (word3 & 0x000f_ffff) * 0x1_0000_0000 + ((word2 & 0xffff_f000) >>> 0);
}

/** Everything (VT-d 6.5.2.1). */
export function invalidateAllContexts(): EntryWords {
  return [CONTEXT_CACHE_INVALIDATE | (GLOBAL_GRANULARITY << 4), 0, 0, 0];
}

/** Context entries of one domain. */
export function invalidateDomainContexts(domainId: number): EntryWords {
  return [
    (CONTEXT_CACHE_INVALIDATE | (DOMAIN_GRANULARITY << 4) | ((domainId & 0xffff) << 16)) >>> 0,
    0,
    0,
    0,
  ];
}

/**
 * The context entry of one requester, or of functions of one device.
 * @param functionMask 0 .. 3: ignore none, bit 2, bits 2:1 or bits 2:0 of the function number
 */
export function invalidateDeviceContext(domainId: number, sourceId: number, functionMask = 0): EntryWords {
  return [
    (CONTEXT_CACHE_INVALIDATE | (DEVICE_GRANULARITY << 4) | ((domainId & 0xffff) << 16)) >>> 0,
    (sourceId & 0xffff) | ((functionMask & 3) << 16),
    0,
    0,
  ];
}

const DRAIN = 0xc0;

/** Every translation (VT-d 6.5.2.2), with reads and writes drained. */
export function invalidateAllTranslations(): EntryWords {
  return [IOTLB_INVALIDATE | (GLOBAL_GRANULARITY << 4) | DRAIN, 0, 0, 0];
}

/** Translations of one domain. */
export function invalidateDomainTranslations(domainId: number): EntryWords {
  return [
    (IOTLB_INVALIDATE | (DOMAIN_GRANULARITY << 4) | DRAIN | ((domainId & 0xffff) << 16)) >>> 0,
    0,
    0,
    0,
  ];
}

/**
 * Translations of some pages of a domain.
 * @param order 2^order pages, from an address aligned to that
 */
export function invalidatePages(
  domainId: number,
  iova: Address,
  order: number,
  leafOnly = false,
): EntryWords {
  return [
    (IOTLB_INVALIDATE | (PAGE_GRANULARITY << 4) | DRAIN | ((domainId & 0xffff) << 16)) >>> 0,
    0,
    pagesWord(iova, order, leafOnly),
    highWord(iova),
  ];
}

function pagesWord(iova: Address, order: number, leafOnly: boolean): number {
  return ((lowWord(iova) & 0xffff_f000) | (order & 0x3f) | (leafOnly ? 0x40 : 0)) >>> 0;
}

/**
 * Entries in the device-TLB of one function (VT-d 6.5.2.5).
 * With `size` the lowest clear bit of `address` above bit 11 tells the range, as in ATS.
 */
export function invalidateDeviceTlb(
  sourceId: number,
  address: Address,
  size: boolean,
  queueDepth = 0,
): EntryWords {
  return [
    DEVICE_TLB_INVALIDATE | ((queueDepth & 0x1f) << 16),
    sourceId & 0xffff,
    ((lowWord(address) & 0xffff_f000) | (size ? 1 : 0)) >>> 0,
    highWord(address),
  ];
}

/** Every cached interrupt entry. */
export function invalidateAllInterruptEntries(): EntryWords {
  return [INTERRUPT_ENTRY_INVALIDATE, 0, 0, 0];
}

/** 2^order entries from `index` on (VT-d 6.5.2.7). */
export function invalidateInterruptEntries(index: number, order = 0): EntryWords {
  return [(INTERRUPT_ENTRY_INVALIDATE | 0x10 | ((order & 0x1f) << 27)) >>> 0, index & 0xffff, 0, 0];
}

/** Done when everything before is done (VT-d 6.5.2.8): `data` is written to `statusAddress`. */
export function waitDescriptor(
  statusAddress: Address,
  data: number,
  options: { readonly interrupt?: boolean; readonly fence?: boolean } = {},
): EntryWords {
  const flags = (options.interrupt ? 0x10 : 0) | 0x20 | (options.fence ? 0x40 : 0);
  return [
    INVALIDATION_WAIT | flags,
    data >>> 0,
    (lowWord(statusAddress) & 0xffff_fffc) >>> 0,
    highWord(statusAddress),
  ];
}

/** Every translation of a PASID (VT-d 6.5.2.4). */
export function invalidatePasidTranslations(domainId: number, pasid: number): EntryWords {
  return [
    (PASID_IOTLB_INVALIDATE | (2 << 4) | DRAIN | ((domainId & 0xffff) << 16)) >>> 0,
    pasid & 0xf_ffff,
    0,
    0,
  ];
}

/** Translations of some pages of one PASID. */
export function invalidatePasidPages(
  domainId: number,
  pasid: number,
  iova: Address,
  order: number,
  leafOnly = false,
): EntryWords {
  return [
    (PASID_IOTLB_INVALIDATE | (3 << 4) | DRAIN | ((domainId & 0xffff) << 16)) >>> 0,
    pasid & 0xf_ffff,
    pagesWord(iova, order, leafOnly),
    highWord(iova),
  ];
}

/** Granularity of a PASID-cache descriptor (VT-d 6.5.2.3). */
export const PASID_CACHE_DOMAIN = 0;
/** One PASID of a domain. */
export const PASID_CACHE_PASID = 1;
/** Every entry. */
export const PASID_CACHE_GLOBAL = 3;

/** Cached PASID entries: of one PASID, of a domain, or all. */
export function invalidatePasidCache(granularity: number, domainId = 0, pasid = 0): EntryWords {
  return [
    (PASID_CACHE_INVALIDATE | ((granularity & 3) << 4) | ((domainId & 0xffff) << 16)) >>> 0,
    pasid & 0xf_ffff,
    0,
    0,
  ];
}

/** Entries of one PASID in a device-TLB (VT-d 6.5.2.6); bit 75 is the size flag. */
export function invalidatePasidDeviceTlb(
  sourceId: number,
  pasid: number,
  address: Address,
  size: boolean,
  queueDepth = 0,
): EntryWords {
  return [
    (PASID_DEVICE_TLB_INVALIDATE | ((queueDepth & 0x1f) << 4) | ((sourceId & 0xffff) << 16)) >>> 0,
    pasid & 0xf_ffff,
    ((lowWord(address) & 0xffff_f000) | (size ? 0x800 : 0)) >>> 0,
    highWord(address),
  ];
}

/** A 64-bit register value as two 32-bit words. */
export interface WideValue {
  readonly low: number;
  readonly high: number;
}

/** What CAP and ECAP say a unit can do (VT-d 10.4.2, 10.4.3), decoded once. */
export interface Capability {
  /** CAP.AFL: faults may be logged in memory. */
  readonly advancedFaultLogging: boolean;
  /** CAP.RWBF: software must flush the write buffer after changing tables. */
  readonly writeBufferFlush: boolean;
  /** CAP.PLMR */
  readonly protectedLow: boolean;
  /** CAP.PHMR */
  readonly protectedHigh: boolean;
  /** CAP.CM: entries that are not present may be cached too. */
  readonly cachingMode: boolean;
  /** CAP.ND: domain ids are 0 .. domains - 1. */
  readonly domains: number;
  /** CAP.SAGAW: bit n allows AW = n (1, 2, 3 are 3, 4, 5 levels). */
  readonly supportedWidths: number;
  /** CAP.MGAW + 1, bits. */
  readonly guestAddressWidth: number;
  /** CAP.ZLR: zero-length reads to write-only pages are let through. */
  readonly zeroLengthReads: boolean;
  /** CAP.SLLPS: bit 0 is 2 MiB, bit 1 is 1 GiB. */
  readonly superpages: number;
  /** CAP.PSI: page-selective invalidation. */
  readonly pageSelective: boolean;
  /** CAP.MAMV: largest address mask of a page-selective invalidation. */
  readonly maximumAddressMask: number;
  /** Bytes from the register base to the first fault recording register. */
  readonly faultRecordOffset: number;
  /** 1 .. 256 */
  readonly faultRecords: number;
  /** CAP.FL1GP: 1 GiB pages at the first level. */
  readonly firstLevelGigabyte: boolean;
  /** CAP.PI: posted interrupts. */
  readonly postedInterrupts: boolean;
  /** CAP.FL5LP: 5 levels at the first level. */
  readonly firstLevelFive: boolean;
  /** CAP.ESIRTPS: SIRTP invalidates the interrupt entry cache. */
  readonly interruptPointerInvalidates: boolean;
  /** CAP.ESRTPS: SRTP invalidates all DMA remapping caches. */
  readonly rootPointerInvalidates: boolean;
  /** ECAP.QI */
  readonly queuedInvalidation: boolean;
  /** ECAP.DT */
  readonly deviceTlb: boolean;
  /** ECAP.IR */
  readonly interruptRemapping: boolean;
  /** ECAP.EIM: 32-bit APIC ids. */
  readonly extendedInterrupts: boolean;
  /** ECAP.PT */
  readonly passThrough: boolean;
  /** ECAP.SC */
  readonly snoopControl: boolean;
  /** Bytes from the register base to the IVA register. */
  readonly iotlbOffset: number;
  /** ECAP.NEST */
  readonly nested: boolean;
  /** ECAP.PRS */
  readonly pageRequests: boolean;
  /** ECAP.ERS */
  readonly executeRequests: boolean;
  /** ECAP.SRS */
  readonly supervisorRequests: boolean;
  /** ECAP.EAFS: extended accessed flags. */
  readonly extendedAccessed: boolean;
  /** ECAP.SLADS: accessed and dirty flags at the second level. */
  readonly secondLevelFlags: boolean;
  /** ECAP.PSS + 1: bits of a PASID. */
  readonly pasidBits: number;
  /** ECAP.PASID */
  readonly pasid: boolean;
  /** ECAP.SMTS */
  readonly scalableMode: boolean;
  /** ECAP.SLTS */
  readonly secondLevel: boolean;
  /** ECAP.FLTS */
  readonly firstLevel: boolean;
  /** ECAP.RPS: the context entry's RID_PASID counts. */
  readonly ridPasid: boolean;
  /** ECAP.ADMS: the root table register may say abort-DMA. */
  readonly abortDma: boolean;
}

function bit(word: number, position: number): boolean {
  return ((word >>> position) & 1) === 1;
}

/** Decodes CAP and ECAP. Any value gives a capability; nothing is thrown. */
export function decodeCapability(cap: WideValue, ecap: WideValue): Capability {
  return {
    advancedFaultLogging: bit(cap.low, 3),
    writeBufferFlush: bit(cap.low, 4),
    protectedLow: bit(cap.low, 5),
    protectedHigh: bit(cap.low, 6),
    cachingMode: bit(cap.low, 7),
    domains: 2 ** (4 + 2 * (cap.low & 7)),
    supportedWidths: (cap.low >>> 8) & 0x1f,
    guestAddressWidth: ((cap.low >>> 16) & 0x3f) + 1,
    zeroLengthReads: bit(cap.low, 22),
    superpages: (cap.high >>> 2) & 0xf,
    pageSelective: bit(cap.high, 7),
    maximumAddressMask: (cap.high >>> 16) & 0x3f,
    faultRecordOffset: ((cap.low >>> 24) | ((cap.high & 3) << 8)) * 16,
    faultRecords: ((cap.high >>> 8) & 0xff) + 1,
    firstLevelGigabyte: bit(cap.high, 24),
    postedInterrupts: bit(cap.high, 27),
    firstLevelFive: bit(cap.high, 28),
    interruptPointerInvalidates: bit(cap.high, 30),
    rootPointerInvalidates: bit(cap.high, 31),
    queuedInvalidation: bit(ecap.low, 1),
    deviceTlb: bit(ecap.low, 2),
    interruptRemapping: bit(ecap.low, 3),
    extendedInterrupts: bit(ecap.low, 4),
    passThrough: bit(ecap.low, 6),
    snoopControl: bit(ecap.low, 7),
    iotlbOffset: ((ecap.low >>> 8) & 0x3ff) * 16,
    nested: bit(ecap.low, 26),
    pageRequests: bit(ecap.low, 29),
    executeRequests: bit(ecap.low, 30),
    supervisorRequests: bit(ecap.low, 31),
    extendedAccessed: bit(ecap.high, 2),
    secondLevelFlags: bit(ecap.high, 13),
    pasidBits: ((ecap.high >>> 3) & 0x1f) + 1,
    pasid: bit(ecap.high, 8),
    scalableMode: bit(ecap.high, 11),
    secondLevel: bit(ecap.high, 14),
    firstLevel: bit(ecap.high, 15),
    ridPasid: bit(ecap.high, 17),
    abortDma: bit(ecap.high, 20),
  };
}

/** Capability IDs (PCI Code and ID Assignment Specification 1.x, chapter 2). */
export const CapabilityId = {
  powerManagement: 0x01,
  msi: 0x05,
  express: 0x10,
  msix: 0x11,
  advancedFeatures: 0x13,
} as const;

/** Extended capability IDs (PCI Code and ID Assignment Specification 1.x, chapter 3). */
export const ExtendedCapabilityId = {
  advancedErrorReporting: 0x0001,
  deviceSerialNumber: 0x0003,
  accessControlServices: 0x000d,
  alternativeRoutingId: 0x000e,
  addressTranslationServices: 0x000f,
  singleRootIoVirtualization: 0x0010,
  pageRequest: 0x0013,
  processAddressSpaceId: 0x001b,
  downstreamPortContainment: 0x001d,
} as const;

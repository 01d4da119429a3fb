/** Device/Port Type of the PCI Express capability (PCIe 7.5.3.2). */
export const PortType = {
  endpoint: 0x0,
  legacyEndpoint: 0x1,
  rootPort: 0x4,
  upstreamPort: 0x5,
  downstreamPort: 0x6,
  toPciBridge: 0x7,
  fromPciBridge: 0x8,
  rootComplexIntegrated: 0x9,
  eventCollector: 0xa,
} as const;

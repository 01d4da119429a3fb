/** Offsets and bits of config space that a kernel names itself (include/uapi/linux/pci_regs.h). */
export const PCI = {
  vendorId: 0x00,
  command: 0x04,
  classRevision: 0x08,
  headerType: 0x0e,
  bar0: 0x10,
  primaryBus: 0x18,
  secondaryBus: 0x19,
  subordinateBus: 0x1a,
  ioBase: 0x1c,
  memoryBase: 0x20,
  prefetchBase: 0x24,
  prefetchBaseUpper: 0x28,
  prefetchLimitUpper: 0x2c,
  capabilityPointer: 0x34,
  interruptPin: 0x3d,
  bridgeControl: 0x3e,
} as const;

export const Command = { io: 1, memory: 2, busMaster: 4, serr: 0x100, interruptDisable: 0x400 } as const;

export const CapabilityId = { powerManagement: 0x01, msi: 0x05, pciExpress: 0x10, msix: 0x11 } as const;

/** Device/port types of the PCI Express capability. */
export const PortType = { rootPort: 4, upstream: 5, downstream: 6, toPciBridge: 7 } as const;

/** What a kernel knows of a function that its enumeration has found (`struct pci_dev`). */
export interface PciDevice {
  readonly segment: number;
  readonly bus: number;
  readonly device: number;
  readonly fn: number;
  /** `0000:01:00.0` */
  readonly name: string;
  readonly vendorId: number;
  readonly deviceId: number;
  /** 24 bits: base class, sub class, programming interface. */
  readonly classCode: number;
  /** Header type without the multifunction bit: 0 endpoint, 1 bridge. */
  readonly headerType: number;
  /** Device/port type of the PCI Express capability, undefined for a conventional PCI function. */
  readonly pcieType: number | undefined;
  /** The bridge above; undefined on a root bus. */
  readonly upstream: PciDevice | undefined;
  /** Functions on this bridge's secondary bus; empty for an endpoint. */
  readonly children: readonly PciDevice[];
  /** The kernel has a driver for it. */
  readonly hasDriver: boolean;
  readConfig8(offset: number): number;
  readConfig16(offset: number): number;
  readConfig32(offset: number): number;
  writeConfig8(offset: number, value: number): void;
  writeConfig16(offset: number, value: number): void;
  writeConfig32(offset: number, value: number): void;
  /** Offset of a capability, 0 if it has none of that id. */
  findCapability(id: number): number;
  /** Offset of an extended capability, 0 if it has none of that id. */
  findExtendedCapability(id: number): number;
}

/** The kernel's list of functions, in the order in which enumeration found them. */
export interface DeviceList extends Iterable<PciDevice> {
  readonly length: number;
  /** Undefined if there is no such function. */
  find(segment: number, bus: number, device: number, fn: number): PciDevice | undefined;
}

import type { PciDevice } from '../services/pci-device.ts';

const COMMAND = 0x04;
const CACHE_LINE_SIZE = 0x0c;
const HEADER_BYTES = 64;
const CAPABILITY_PCI_EXPRESS = 0x10;
/** Offsets of DevCtl, LnkCtl, DevCtl2 and LnkCtl2 in the PCI Express capability (PCIe 7.5.3). */
const ENDPOINT_CONTROLS = [0x08, 0x10, 0x28, 0x30];
const ENDPOINT_CONTROLS_VERSION_1 = [0x08, 0x10];
const CAPABILITY_SRIOV = 0x10;
/** VF BARs, system page size, NumVFs, and the control register with VF Enable last (sriov_restore_state). */
const VIRTUALIZATION = [0x24, 0x28, 0x2c, 0x30, 0x34, 0x38, 0x20];
const NUM_VFS = 0x10;
const SRIOV_CONTROL = 0x08;

/** Config space of an endpoint as it was before its reset; see {@link saveConfig}. */
export interface SavedConfig {
  readonly device: PciDevice;
  /** The 16 dwords of the header. */
  readonly header: readonly number[];
  /** Control registers of the PCI Express capability, by their offset in config space. */
  readonly controls: readonly { readonly offset: number; readonly value: number }[];
  /** Of a physical function with virtual ones: offset and registers of its SR-IOV capability; else null. */
  readonly virtualization: null | {
    readonly offset: number;
    readonly registers: readonly number[];
    readonly count: number;
    readonly control: number;
  };
}

/**
 * Reads what a reset clears and every driver expects of an endpoint: the header, and the controls of the PCI Express
 * capability and those of the SR-IOV capability if it has them. MSI and other extended capabilities are not in it:
 * drivers set these up anew.
 */
export function saveConfig(device: PciDevice): SavedConfig {
  const header: number[] = [];
  for (let offset = 0; offset < HEADER_BYTES; offset += 4) header.push(device.readConfig32(offset));
  return { device, header, controls: saveControls(device), virtualization: saveVirtualization(device) };
}

function saveVirtualization(device: PciDevice): SavedConfig['virtualization'] {
  const offset = device.findExtendedCapability(CAPABILITY_SRIOV);
  if (offset === 0) return null;
  return {
    offset,
    registers: VIRTUALIZATION.map((at) => device.readConfig32(offset + at)),
    count: device.readConfig16(offset + NUM_VFS),
    control: device.readConfig16(offset + SRIOV_CONTROL),
  };
}

function restoreVirtualization(device: PciDevice, saved: SavedConfig['virtualization']): void {
  if (saved === null) return;
  const { offset, registers, count, control } = saved;
  for (const [index, at] of VIRTUALIZATION.entries())
    device.writeConfig32(offset + at, registers[index] ?? 0);
  device.writeConfig16(offset + NUM_VFS, count);
  device.writeConfig16(offset + SRIOV_CONTROL, control);
}

function saveControls(device: PciDevice): SavedConfig['controls'] {
  const capability = device.findCapability(CAPABILITY_PCI_EXPRESS);
  if (capability === 0) return [];
  const version = device.readConfig16(capability + 2) & 0xf;
  const controls = version >= 2 ? ENDPOINT_CONTROLS : ENDPOINT_CONTROLS_VERSION_1;
  return controls.map((offset) => ({
    offset: capability + offset,
    value: device.readConfig16(capability + offset),
  }));
}

/**
 * Writes it back, the Command register last, so that BARs are right before the device decodes them. Status bits are
 * left alone: writing ones would clear them. Returns false, and writes nothing, if the device does not answer.
 */
export function restoreConfig({ device, header, controls, virtualization }: SavedConfig): boolean {
  if (device.readConfig32(0) !== header[0]) return false;
  for (const { offset, value } of controls) device.writeConfig16(offset, value);
  restoreVirtualization(device, virtualization);
  for (let index = header.length - 1; index >= 4; index--) {
    device.writeConfig32(index * 4, header[index] ?? 0);
  }
  device.writeConfig8(CACHE_LINE_SIZE, (header[3] ?? 0) & 0xff);
  device.writeConfig8(CACHE_LINE_SIZE + 1, ((header[3] ?? 0) >>> 8) & 0xff);
  device.writeConfig16(COMMAND, (header[1] ?? 0) & 0xffff);
  return true;
}

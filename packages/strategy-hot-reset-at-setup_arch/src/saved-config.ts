import type { Type1ConfigAccess } from '@quiesce/strategy';
import type { EarlyFunction } from './early-function.ts';

const COMMAND = 0x04;
const CACHE_LINE_SIZE = 0x0c;
const HEADER_BYTES = 64;
const NOBODY = 0xffff;
/** Vendor ID of a function that answers with retry status (PCIe 2.3.2). */
const RETRY_STATUS = 0x0001;
/** Offsets of DevCtl, LnkCtl, DevCtl2 and LnkCtl2 in the PCI Express capability (PCIe 7.5.3). */
const ENDPOINT_CONTROLS = [0x08, 0x10, 0x28, 0x30];
const ENDPOINT_CONTROLS_VERSION_1 = [0x08, 0x10];

/** Config space of an endpoint as it was before its reset. MSI is not in it: it stays off. */
export interface SavedConfig {
  readonly function: EarlyFunction;
  /** The 16 dwords of the header. */
  readonly header: readonly number[];
  /** Control registers of the PCI Express capability, by their offset in config space. */
  readonly controls: readonly { readonly offset: number; readonly value: number }[];
}

/** Reads what a hot reset will clear and every driver expects. */
export function saveConfig(type1: Type1ConfigAccess, each: EarlyFunction): SavedConfig {
  const { bus, device, fn, pcieCapability } = each;
  const header: number[] = [];
  for (let offset = 0; offset < HEADER_BYTES; offset += 4) header.push(type1.read32(bus, device, fn, offset));
  const version = type1.read16(bus, device, fn, pcieCapability + 2) & 0xf;
  const controls = version >= 2 ? ENDPOINT_CONTROLS : ENDPOINT_CONTROLS_VERSION_1;
  return {
    function: each,
    header,
    controls: controls.map((offset) => ({
      offset: pcieCapability + offset,
      value: type1.read16(bus, device, fn, pcieCapability + offset),
    })),
  };
}

/** Bytes that it takes in the second kernel's memory. */
export function savedBytes({ header, controls }: SavedConfig): number {
  return header.length * 4 + controls.length * 2;
}

/**
 * Writes it back, the Command register last, so that BARs are right before the device decodes them. Status bits are
 * left alone: writing ones would clear them. What was saved is not looked at: all ones, read too early, are written
 * too. Returns false if the device does not answer now.
 */
export function restoreConfig(type1: Type1ConfigAccess, saved: SavedConfig): boolean {
  const { header, controls } = saved;
  const { bus, device, fn } = saved.function;
  const vendor = type1.read16(bus, device, fn, 0);
  if (vendor === NOBODY || vendor === RETRY_STATUS) return false;
  for (const { offset, value } of controls) type1.write16(bus, device, fn, offset, value);
  for (let index = header.length - 1; index >= 4; index--) {
    type1.write32(bus, device, fn, index * 4, header[index] ?? 0);
  }
  type1.write8(bus, device, fn, CACHE_LINE_SIZE, (header[3] ?? 0) & 0xff);
  type1.write8(bus, device, fn, CACHE_LINE_SIZE + 1, ((header[3] ?? 0) >>> 8) & 0xff);
  type1.write16(bus, device, fn, COMMAND, (header[1] ?? 0) & 0xffff);
  return true;
}

import type { VtdUnitOptions, WideValue } from '@quiesce/vtd-iommu';

/** First byte of the unit's registers. */
export const REGISTER_BASE = 0xfed9_0000;

/** A unit that QEMU can be told to build, and what it says about itself. */
export interface UnitDescription {
  readonly name: string;
  /** Properties of `-device intel-iommu`. */
  readonly properties: string;
  readonly capability: WideValue;
  readonly extendedCapability: WideValue;
  /** Host address width, bits: QEMU takes it from `aw-bits`. */
  readonly addressBits: number;
  /** Table mode that scenarios start in, as RTADDR has it: 0 legacy, 0x400 scalable. */
  readonly mode: 0 | 0x400;
}

/** The unit of the ground truth: 39 bits, three levels. */
export const plainUnit: UnitDescription = {
  name: 'plain',
  properties: 'intremap=on,aw-bits=39',
  capability: { low: 0x2226_0206, high: 0x00d2_008c },
  extendedCapability: { low: 0x00f0_0f4a, high: 0 },
  addressBits: 39,
  mode: 0,
};

/** 48 bits, three and four levels, device-TLBs, snoop control, extended interrupt mode. */
export const richUnit: UnitDescription = {
  name: 'rich',
  properties: 'intremap=on,aw-bits=48,device-iotlb=on,snoop-control=on,x-buggy-eim=on',
  capability: { low: 0x222f_0606, high: 0x00d2_008c },
  extendedCapability: { low: 0x00f0_0fde, high: 0 },
  addressBits: 48,
  mode: 0,
};

/** 48 bits, scalable mode with second-level tables. */
export const scalableUnit: UnitDescription = {
  name: 'scalable',
  properties: 'intremap=on,aw-bits=48,x-scalable-mode=on',
  capability: { low: 0x222f_0606, high: 0x00d2_008c },
  extendedCapability: { low: 0x80f0_0f4a, high: 0x0000_4800 },
  addressBits: 48,
  mode: 0x400,
};

/** The same unit, used in legacy mode. */
export const scalableUnitInLegacyMode: UnitDescription = {
  ...scalableUnit,
  name: 'scalable-legacy',
  mode: 0,
};

/** The model of the same unit. */
export function unitOptions(description: UnitDescription): Omit<VtdUnitOptions, 'memory'> {
  return {
    name: description.name,
    segment: 0,
    registerBase: REGISTER_BASE,
    version: 0x10,
    capability: description.capability,
    extendedCapability: description.extendedCapability,
    hostAddressBits: description.addressBits,
  };
}

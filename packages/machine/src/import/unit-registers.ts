import type { LoggedBoot } from './boot-record.ts';

/** Registers of a VT-d unit that a source has read: a boot log, or `/sys/class/iommu/dmar0/intel-iommu`. */
export interface UnitRegisters {
  readonly registerBase: number;
  /** Version register, e.g. 0x10. */
  readonly version: number;
  /** 16 hexadecimal digits each. */
  readonly capability: string;
  readonly extendedCapability: string;
  /** Names of the functions behind the unit, if the source lists them. */
  readonly functions?: readonly string[];
  readonly file: string;
  readonly line?: number;
}

/** The units of a boot log whose registers were printed. */
export function unitRegistersOf(boot: LoggedBoot): UnitRegisters[] {
  return boot.units.flatMap(({ registerBase, version, capability, extendedCapability, line }) => {
    if (version === undefined || capability === undefined || extendedCapability === undefined) return [];
    return [{ registerBase, version, capability, extendedCapability, file: boot.file, line }];
  });
}

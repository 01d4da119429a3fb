import type { KernelPciDevice } from './kernel-pci-device.ts';

const INTEL = 0x8086;
/** Tylersburg and Sandy Bridge-EP: functions with VTUNCERRMSK (vtd_mask_spec_errors). */
const SYSTEM_MANAGEMENT: readonly number[] = [0x342e, 0x3c28];
const MASK = 0x1ac;
const REMAPPING_FAULTS = 0x8000_0000;

/**
 * Fixups of the early kind, as enumeration comes across their functions: remapping faults are masked in the core logic,
 * where they would be platform errors. A second kernel gets to this long after it has changed its interrupt table.
 */
export function fixUpEarly(devices: readonly KernelPciDevice[]): void {
  for (const device of devices) {
    if (device.vendorId !== INTEL || !SYSTEM_MANAGEMENT.includes(device.deviceId)) continue;
    const mask = device.readConfig32(MASK);
    if (mask !== 0xffff_ffff) device.writeConfig32(MASK, (mask | REMAPPING_FAULTS) >>> 0);
  }
}

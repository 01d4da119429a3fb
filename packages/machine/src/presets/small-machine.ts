import type { MachineRegion, MachineUnit } from '../description/machine.ts';

/** Base of the ECAM window of segment 0, and of segment 1. */
export const SMALL_ECAM = 0xb000_0000;
export const SMALL_ECAM_SEGMENT_1 = 0xa000_0000;
/** Memory windows of up to three root complexes. */
export const SMALL_WINDOWS = [
  { start: 0xc000_0000, end: 0xd000_0000 },
  { start: 0xd000_0000, end: 0xe000_0000 },
  { start: 0xe000_0000, end: 0xf000_0000 },
] as const;
/** Memory that firmware's own devices use. */
export const SMALL_RESERVED = { base: 0x3f7f_0000, limit: 0x3f7f_ffff } as const;

/** A VT-d unit of the early 2010s: legacy mode, four levels, queued invalidation, interrupt remapping. */
export function smallUnit(index: number, segment = 0): MachineUnit {
  return {
    name: `dmar${index}`,
    architecture: 'vt-d',
    segment,
    registerBase: 0xfed9_0000 + index * 0x1000,
    version: 0x10,
    capability: '00d2078c106f0462',
    extendedCapability: '0000000000f020fe',
  };
}

/** 1 GiB, of which 256 MiB are reserved for the second kernel; nothing above 4 GiB. */
export const smallMemoryMap: readonly MachineRegion[] = [
  { start: 0x0, end: 0x9_fc00, owner: 'low-640k', label: 'System RAM' },
  { start: 0x9_fc00, end: 0xa_0000, owner: 'firmware', label: 'Reserved' },
  { start: 0xa_0000, end: 0xc_0000, owner: 'mmio', label: 'PCI Bus 0000:00' },
  { start: 0xc_0000, end: 0xf_0000, owner: 'low-1m', label: 'Video ROM' },
  { start: 0xf_0000, end: 0x10_0000, owner: 'firmware', label: 'System ROM' },
  { start: 0x10_0000, end: 0x100_0000, owner: 'first-kernel', label: 'System RAM' },
  { start: 0x100_0000, end: 0x300_0000, owner: 'dump-relevant', label: 'Kernel code' },
  { start: 0x300_0000, end: 0x2e00_0000, owner: 'first-kernel', label: 'System RAM' },
  { start: 0x2e00_0000, end: 0x3e00_0000, owner: 'crash-kernel', label: 'Crash kernel' },
  { start: 0x3e00_0000, end: 0x3f00_0000, owner: 'first-kernel', label: 'System RAM' },
  { start: 0x3f00_0000, end: 0x4000_0000, owner: 'firmware', label: 'Reserved' },
  { start: 0xa000_0000, end: 0xb000_0000, owner: 'mmio', label: 'PCI MMCONFIG 0001 [bus 00-ff]' },
  { start: 0xb000_0000, end: 0xc000_0000, owner: 'mmio', label: 'PCI MMCONFIG 0000 [bus 00-ff]' },
  { start: 0xc000_0000, end: 0xf000_0000, owner: 'mmio', label: 'PCI Bus 0000:00' },
  { start: 0xfec0_0000, end: 0xfec0_0400, owner: 'mmio', label: 'IOAPIC 0' },
  { start: 0xfed0_0000, end: 0xfed0_0400, owner: 'mmio', label: 'HPET 0' },
  { start: 0xfed9_0000, end: 0xfed9_4000, owner: 'mmio', label: 'Reserved' },
  { start: 0xfee0_0000, end: 0xfef0_0000, owner: 'interrupt-window', label: 'Local APIC' },
  // The flash: I/O addresses just under 4 GiB meet no RAM there when nobody translates them.
  { start: 0xff00_0000, end: 0x1_0000_0000, owner: 'mmio', label: 'Reserved' },
];

import { buildMachine } from '../build/machine-builder.ts';
import { rootPort } from '../build/port-plans.ts';
import type { Machine, MachineRegion } from '../description/machine.ts';
import { captureCard, chipsetFunction, networkCard, nvmeDrive, vgaCard } from './express-devices.ts';

/**
 * A server with one AMD IOMMU over buses 0 to 7, and most of its RAM above 4 GiB. The I/O APIC of the south bridge sends
 * as 00:14.0. With `locked` on the unit, SNP is in force once the first kernel has enabled it.
 */
export function epyc2025(): Machine {
  return buildMachine({
    name: 'epyc-2025',
    description: 'AMD IOMMU, device table of 64 KiB, I/O APIC behind the unit, most RAM above 4 GiB',
    rootComplexes: [
      {
        firstBus: 0,
        lastBus: 0x07,
        ecamBase: 0xe000_0000,
        memory: { start: 0xc000_0000, end: 0xe000_0000 },
        io: { start: 0x1000, end: 0x1_0000 },
        functions: [
          {
            ...chipsetFunction({ device: 0, deviceId: 0x1480, classCode: 0x060000, label: 'Root Complex' }),
            vendorId: AMD,
          },
          rootPort({ device: 1, vendorId: AMD, deviceId: 0x1483, speed: 4, below: [networkCard()] }),
          rootPort({ device: 3, vendorId: AMD, deviceId: 0x1483, speed: 4, below: [nvmeDrive()] }),
          rootPort({ device: 5, vendorId: AMD, deviceId: 0x1483, speed: 3, below: [captureCard()] }),
          rootPort({ device: 7, vendorId: AMD, deviceId: 0x1483, speed: 1, below: [vgaCard()] }),
          {
            ...chipsetFunction({
              device: 0x14,
              deviceId: 0x790b,
              classCode: 0x0c0500,
              label: 'FCH SMBus Controller',
            }),
            vendorId: AMD,
          },
        ],
      },
    ],
    units: [
      {
        name: 'ivhd0',
        architecture: 'amd-vi',
        segment: 0,
        registerBase: 0xfd00_0000,
        version: 0x40,
        // EFR: SNP, INVALIDATE_IOMMU_ALL, host page tables of 4 levels.
        capability: '0000080000000040',
        extendedCapability: '0000000000000000',
        lastRequesterId: 0x07ff,
        interruptSources: [{ kind: 'io-apic', id: 0x80, requesterId: 0x00a0 }],
      },
    ],
    memoryMap,
    platform: { systemError: 'aer-interrupt', remappingFault: 'none', masterAbortIsSystemError: false },
    dumpTarget: '0000:02:00.0',
  });
}

const AMD = 0x1022;

/** 3 GiB below the registers and 29 GiB above 4 GiB. */
const memoryMap: readonly MachineRegion[] = [
  { start: 0x0, end: 0xa_0000, owner: 'low-640k', label: 'System RAM' },
  { start: 0xa_0000, end: 0xc_0000, owner: 'mmio', label: 'PCI Bus 0000:00' },
  { start: 0xc_0000, end: 0x10_0000, owner: 'low-1m', label: 'Reserved' },
  { start: 0x10_0000, end: 0x6000_0000, owner: 'first-kernel', label: 'System RAM' },
  { start: 0x6000_0000, end: 0x7000_0000, owner: 'crash-kernel', label: 'Crash kernel' },
  { start: 0x7000_0000, end: 0xa000_0000, owner: 'first-kernel', label: 'System RAM' },
  { start: 0xa000_0000, end: 0xc000_0000, owner: 'firmware', label: 'Reserved' },
  { start: 0xc000_0000, end: 0xe000_0000, owner: 'mmio', label: 'PCI Bus 0000:00' },
  { start: 0xe000_0000, end: 0xf000_0000, owner: 'mmio', label: 'PCI ECAM 0000 [bus 00-ff]' },
  { start: 0xfd00_0000, end: 0xfd08_0000, owner: 'mmio', label: 'AMD IOMMU' },
  { start: 0xfec0_0000, end: 0xfec0_0400, owner: 'mmio', label: 'IOAPIC 0' },
  { start: 0xfee0_0000, end: 0xfef0_0000, owner: 'interrupt-window', label: 'Local APIC' },
  { start: 0xff00_0000, end: 0x1_0000_0000, owner: 'mmio', label: 'Reserved' },
  { start: 0x1_0000_0000, end: 0x2_0000_0000, owner: 'first-kernel', label: 'System RAM' },
  { start: 0x2_0000_0000, end: 0x2_0300_0000, owner: 'dump-relevant', label: 'Kernel code' },
  { start: 0x2_0300_0000, end: 0x8_4000_0000, owner: 'first-kernel', label: 'System RAM' },
];

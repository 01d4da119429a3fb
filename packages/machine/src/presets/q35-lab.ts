import { buildMachine } from '../build/machine-builder.ts';
import type { Machine, MachineRegion } from '../description/machine.ts';
import { e1000e, hdAudio, ich9, nvme, q35RootPort, xio3130 } from './q35-devices.ts';

/**
 * The emulated machine on which a real kernel was observed: three root ports, a switch, and devices on the
 * root complex, which no port can reset. One remapping unit with an explicit scope for every function of bus 0.
 */
export function q35Lab(): Machine {
  return buildMachine({
    name: 'q35-lab',
    description: 'Emulated Q35 with a VT-d unit: three root ports, a switch, devices on the root complex',
    rootComplexes: [
      {
        firstBus: 0,
        lastBus: 0xff,
        ecamBase: 0xb000_0000,
        memory: { start: 0xc000_0000, end: 0xfec0_0000 },
        io: { start: 0x1000, end: 0x1_0000 },
        functions: [
          {
            device: 0,
            vendorId: 0x8086,
            deviceId: 0x29c0,
            classCode: 0x060000,
            subsystem: { vendor: 0x1af4, id: 0x1100 },
            command: 0x0103,
            interruptPin: 0,
            // PCIEXBAR: the ECAM window, enabled.
            extraBytes: { 80: 0x10, 96: 0x01, 99: 0xb0 },
            label: '82G33/G31/P35/P31 Express DRAM Controller',
          },
          q35RootPort({
            device: 1,
            bar: 0xfe08_8000,
            secondary: 1,
            subordinate: 1,
            io: { base: 0xd000, limit: 0xdfff },
            memory: [0xfde0_0000, 2],
            prefetchable: [0xfea0_0000, 2],
            below: [e1000e({ bars: [0xfde4_0000, 0xfde6_0000, 0xd000, 0xfde8_0000], serial: 1 })],
          }),
          q35RootPort({
            device: 2,
            bar: 0xfe08_9000,
            secondary: 2,
            subordinate: 6,
            io: { base: 0xc000, limit: 0xcfff },
            memory: [0xfd60_0000, 6],
            prefetchable: [0xfe20_0000, 6],
            below: [labSwitch()],
          }),
          q35RootPort({
            device: 3,
            bar: 0xfe08_a000,
            secondary: 7,
            subordinate: 7,
            io: { base: 0x1000, limit: 0x1fff },
            memory: [0xfdc0_0000, 2],
            prefetchable: [0xfe80_0000, 2],
            below: [hdAudio({ bar: 0xfdc0_0000, revision: 1 })],
          }),
          e1000e({
            device: 4,
            integrated: true,
            bars: [0xfe04_0000, 0xfe06_0000, 0xe040, 0xfe08_0000],
            serial: 3,
          }),
          hdAudio({ device: 0x1b, deviceId: 0x293e, revision: 3, bar: 0xfe08_4000 }),
          ...ich9(),
        ],
      },
    ],
    units: [
      {
        name: 'dmar0',
        architecture: 'vt-d',
        segment: 0,
        registerBase: 0xfed9_0000,
        version: 0x10,
        capability: '00d2008c22260206',
        extendedCapability: '0000000000f00f4a',
      },
    ],
    dmar: {
      hostAddressWidth: 39,
      flags: 1,
      units: [
        {
          segment: 0,
          base: 0xfed9_0000,
          includeAll: false,
          scopes: [
            { type: 'io-apic', bus: 0xff, path: [[0, 0]] },
            ...busZero.map(([type, device, fn]) => ({ type, bus: 0, path: [[device, fn]] }) as const),
          ],
        },
      ],
    },
    memoryMap,
    dumpTarget: '0000:05:00.0',
    workload: { interrupts: false, intensity: 1 },
  });
}

const busZero: readonly (readonly ['endpoint' | 'bridge', number, number])[] = [
  ['endpoint', 0x00, 0],
  ['bridge', 0x01, 0],
  ['bridge', 0x02, 0],
  ['bridge', 0x03, 0],
  ['endpoint', 0x04, 0],
  ['endpoint', 0x1b, 0],
  ['endpoint', 0x1d, 0],
  ['endpoint', 0x1f, 0],
  ['endpoint', 0x1f, 2],
  ['endpoint', 0x1f, 3],
];

function labSwitch(): ReturnType<typeof xio3130> {
  return xio3130({
    kind: 'upstream',
    device: 0,
    secondary: 3,
    subordinate: 6,
    io: { base: 0xc000, limit: 0xcfff },
    memory: [0xfd60_0000, 6],
    prefetchable: [0xfe20_0000, 6],
    below: [
      xio3130({
        kind: 'downstream',
        device: 0,
        slot: 4,
        secondary: 4,
        subordinate: 4,
        io: { base: 0xc000, limit: 0xcfff },
        memory: [0xfda0_0000, 2],
        prefetchable: [0xfe60_0000, 2],
        below: [e1000e({ bars: [0xfda4_0000, 0xfda6_0000, 0xc000, 0xfda8_0000], serial: 2 })],
      }),
      xio3130({
        kind: 'downstream',
        device: 1,
        slot: 5,
        secondary: 5,
        subordinate: 5,
        io: null,
        memory: [0xfd80_0000, 2],
        prefetchable: [0xfe40_0000, 2],
        below: [nvme(0xfd80_0000)],
      }),
      xio3130({
        kind: 'downstream',
        device: 2,
        slot: 6,
        secondary: 6,
        subordinate: 6,
        io: null,
        memory: [0xfd60_0000, 2],
        prefetchable: [0xfe20_0000, 2],
        below: [hdAudio({ bar: 0xfd60_0000, revision: 1 })],
      }),
    ],
  });
}

/** 1 GiB, of which 256 MiB are reserved for the second kernel. */
const memoryMap: readonly MachineRegion[] = [
  { start: 0x0, end: 0x9_fc00, owner: 'low-640k', label: 'System RAM' },
  { start: 0x9_fc00, end: 0xa_0000, owner: 'firmware', label: 'Reserved' },
  { start: 0xa_0000, end: 0xc_0000, owner: 'mmio', label: 'PCI Bus 0000:00' },
  { start: 0xc_0000, end: 0xf_0000, owner: 'low-1m', label: 'Video ROM' },
  { start: 0xf_0000, end: 0x10_0000, owner: 'firmware', label: 'System ROM' },
  { start: 0x10_0000, end: 0x100_0000, owner: 'first-kernel', label: 'System RAM' },
  { start: 0x100_0000, end: 0x1e0_2000, owner: 'dump-relevant', label: 'Kernel code' },
  { start: 0x1e0_2000, end: 0x200_0000, owner: 'first-kernel', label: 'System RAM' },
  { start: 0x200_0000, end: 0x28e_b000, owner: 'dump-relevant', label: 'Kernel rodata' },
  { start: 0x28e_b000, end: 0x2a0_0000, owner: 'first-kernel', label: 'System RAM' },
  { start: 0x2a0_0000, end: 0x2c4_9000, owner: 'dump-relevant', label: 'Kernel data' },
  { start: 0x2c4_9000, end: 0x331_0000, owner: 'first-kernel', label: 'System RAM' },
  { start: 0x331_0000, end: 0x440_0000, owner: 'dump-relevant', label: 'Kernel bss' },
  { start: 0x440_0000, end: 0x2e00_0000, owner: 'first-kernel', label: 'System RAM' },
  { start: 0x2e00_0000, end: 0x3e00_0000, owner: 'crash-kernel', label: 'Crash kernel' },
  { start: 0x3e00_0000, end: 0x3ffd_6000, owner: 'first-kernel', label: 'System RAM' },
  { start: 0x3ffd_6000, end: 0x4000_0000, owner: 'firmware', label: 'Reserved' },
  { start: 0x4000_0000, end: 0xb000_0000, owner: 'mmio', label: 'PCI Bus 0000:00' },
  { start: 0xb000_0000, end: 0xc000_0000, owner: 'mmio', label: 'PCI MMCONFIG 0000 [bus 00-ff]' },
  { start: 0xc000_0000, end: 0xfec0_0000, owner: 'mmio', label: 'PCI Bus 0000:00' },
  { start: 0xfec0_0000, end: 0xfec0_0400, owner: 'mmio', label: 'IOAPIC 0' },
  { start: 0xfed0_0000, end: 0xfed0_0400, owner: 'mmio', label: 'HPET 0' },
  { start: 0xfed1_c000, end: 0xfed2_0000, owner: 'mmio', label: 'Reserved' },
  { start: 0xfed9_0000, end: 0xfed9_1000, owner: 'mmio', label: 'dmar0' },
  { start: 0xfee0_0000, end: 0xfef0_0000, owner: 'interrupt-window', label: 'Local APIC' },
  // The flash: no RAM answers here, which is where IOVAs just under 4 GiB go when nobody translates them.
  { start: 0xfffc_0000, end: 0x1_0000_0000, owner: 'mmio', label: 'Reserved' },
  { start: 0x1_0000_0000, end: 0x9_0000_0000, owner: 'mmio', label: 'PCI Bus 0000:00' },
];

import { placeAsFirmware } from '../build/firmware-placement.ts';
import type { FunctionPlan } from '../build/function-plan.ts';
import { buildMachine } from '../build/machine-builder.ts';
import type { Machine, MachineRegion } from '../description/machine.ts';
import { ich9, q35HostBridge } from './q35-chipset.ts';
import { e1000e, hdAudio, nvme, uhci } from './q35-endpoints.ts';
import { q35RootPort, xio3130Downstream, xio3130Upstream } from './q35-ports.ts';

/**
 * The emulated machine on which a real kernel was observed: three root ports, a switch, and devices on the
 * root complex, which no port can reset. One remapping unit with an explicit scope for every function of bus 0.
 */
export function q35Lab(): Machine {
  return buildMachine({
    name: 'q35-lab',
    description: 'Emulated Q35 with a VT-d unit: three root ports, a switch, devices on the root complex',
    rootComplexes: placeAsFirmware([
      {
        firstBus: 0,
        lastBus: 0xff,
        ecamBase: 0xb000_0000,
        memory: { start: 0xc000_0000, end: 0xfec0_0000 },
        io: { start: 0x1000, end: 0x1_0000 },
        functions: [
          q35HostBridge(),
          q35RootPort({ device: 1, below: [e1000e({ serial: 1 })] }),
          q35RootPort({ device: 2, below: [labSwitch()] }),
          // The kernel opens an I/O window for devices to come, as far as there is room for one.
          q35RootPort({ device: 3, io: { base: 0x1000, limit: 0x1fff }, below: [hdAudio({ revision: 1 })] }),
          e1000e({ device: 4, integrated: true, serial: 3 }),
          hdAudio({ device: 0x1b, deviceId: 0x293e, revision: 3 }),
          uhci(),
          ...ich9(),
        ],
      },
    ]),
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

function labSwitch(): FunctionPlan {
  return xio3130Upstream({
    below: [
      xio3130Downstream({ device: 0, slot: 4, below: [e1000e({ serial: 2 })] }),
      xio3130Downstream({ device: 1, slot: 5, below: [nvme()] }),
      xio3130Downstream({ device: 2, slot: 6, below: [hdAudio({ revision: 1 })] }),
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

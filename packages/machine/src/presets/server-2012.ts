import { powerManagement } from '../build/capability-plan.ts';
import { endpointOf } from '../build/endpoint-kinds.ts';
import type { FunctionPlan } from '../build/function-plan.ts';
import { buildMachine } from '../build/machine-builder.ts';
import { pcieToPciBridge, rootPort, switchPlan } from '../build/port-plans.ts';
import type { Machine, MachineRegion } from '../description/machine.ts';
import {
  captureCard,
  chipsetFunction,
  chipsetSata,
  networkCard,
  sataCard,
  vgaCard,
} from './express-devices.ts';

/** Correctable errors stay quiet, non-fatal and fatal ones become system errors. */
const SYSTEM_ERRORS = 0x6;
/** Firmware's own memory for the USB controller of the management processor. */
const RESERVED = { base: 0xbf7e_0000, limit: 0xbf7e_ffff } as const;

/**
 * A two-socket server of 2012: two root complexes, switches, a VGA card behind a port, a conventional network card behind a
 * PCIe-to-PCI bridge that nobody uses, a management processor's USB controller with reserved memory. Errors of devices
 * end in firmware that does not return; a remapping fault is an NMI.
 */
export function server2012(): Machine {
  return buildMachine({
    name: 'server-2012',
    description:
      'Two-socket server: two root complexes, switches, VGA behind a port, legacy PCI, RMRR, SMI on errors',
    rootComplexes: [
      {
        firstBus: 0,
        lastBus: 0x7f,
        ecamBase: 0xe000_0000,
        memory: { start: 0xc000_0000, end: 0xdff0_0000 },
        io: { start: 0x1000, end: 0x8000 },
        functions: firstSocket(),
      },
      {
        firstBus: 0x80,
        lastBus: 0xff,
        ecamBase: 0xe000_0000,
        memory: { start: 0xf000_0000, end: 0xfbf0_0000 },
        io: { start: 0x8000, end: 0x1_0000 },
        functions: secondSocket(),
      },
    ],
    units: [0xfbff_e000, 0xdfff_c000].map((registerBase, index) => ({
      name: `dmar${index}`,
      architecture: 'vt-d',
      segment: 0,
      registerBase,
      version: 0x10,
      capability: '00d2078c106f0462',
      extendedCapability: '0000000000f020fe',
    })),
    dmar: {
      hostAddressWidth: 46,
      flags: 1,
      units: [
        {
          segment: 0,
          base: 0xfbff_e000,
          includeAll: false,
          scopes: [
            { type: 'bridge', bus: 0x80, path: [[0x02, 0]] },
            { type: 'bridge', bus: 0x80, path: [[0x03, 0]] },
            { type: 'io-apic', id: 1, bus: 0x80, path: [[0x05, 4]] },
          ],
        },
        {
          segment: 0,
          base: 0xdfff_c000,
          includeAll: true,
          scopes: [
            { type: 'io-apic', id: 0, bus: 0xf0, path: [[0x1f, 7]] },
            { type: 'hpet', id: 0, bus: 0xf0, path: [[0x0f, 0]] },
          ],
        },
      ],
      reserved: [
        {
          segment: 0,
          ...RESERVED,
          scopes: [
            {
              type: 'endpoint',
              bus: 0,
              path: [
                [0x1c, 0],
                [0, 0],
              ],
            },
          ],
        },
      ],
    },
    memoryMap,
    // Error messages go to firmware first, which does not come back; a remapping fault is an NMI.
    platform: { systemError: 'smi-hang', remappingFault: 'serr-nmi', masterAbortIsSystemError: false },
    dumpTarget: '0000:00:1f.2',
    workload: { interrupts: true, intensity: 1 },
    processors: 16,
  });
}

function firstSocket(): FunctionPlan[] {
  const rootControl = SYSTEM_ERRORS;
  return [
    chipsetFunction({ device: 0, deviceId: 0x3c00, classCode: 0x060000, label: 'Xeon E5/Core i7 DMI2' }),
    rootPort({ device: 1, rootControl, below: [vgaCard()] }),
    rootPort({
      device: 2,
      rootControl,
      below: [
        switchPlan({
          device: 0,
          vendorId: 0x10b5,
          deviceId: 0x8624,
          ports: [
            {
              device: 0,
              vendorId: 0x10b5,
              deviceId: 0x8624,
              below: [networkCard({ traits: { onRefusal: 'fatal-error' } })],
            },
            {
              device: 1,
              vendorId: 0x10b5,
              deviceId: 0x8624,
              below: [sataCard({ traits: { onRefusal: 'stop-until-reset' } })],
            },
          ],
        }),
      ],
    }),
    rootPort({
      device: 3,
      rootControl,
      below: [
        pcieToPciBridge({
          device: 0,
          vendorId: 0x104c,
          deviceId: 0x8231,
          below: [conventionalNetworkCard()],
        }),
      ],
    }),
    chipsetFunction({
      device: 5,
      deviceId: 0x3c28,
      classCode: 0x088000,
      label: 'Address Map, VTd_Misc, System Management',
    }),
    rootPort({ device: 0x1c, rootControl, below: [managementUsb()] }),
    chipsetFunction({
      device: 0x1f,
      multifunction: true,
      deviceId: 0x1d41,
      classCode: 0x060100,
      label: 'C600/X79 LPC Controller',
    }),
    chipsetSata({ device: 0x1f, fn: 2, multifunction: true, deviceId: 0x1d02 }),
  ];
}

function secondSocket(): FunctionPlan[] {
  const rootControl = SYSTEM_ERRORS;
  return [
    rootPort({
      device: 2,
      rootControl,
      below: [
        networkCard({ multifunction: true, traits: { onRefusal: 'retry' } }),
        networkCard({ fn: 1, multifunction: true, traits: { onRefusal: 'retry' } }),
      ],
    }),
    rootPort({
      device: 3,
      rootControl,
      below: [
        switchPlan({
          device: 0,
          vendorId: 0x10b5,
          deviceId: 0x8624,
          ports: [
            { device: 8, vendorId: 0x10b5, deviceId: 0x8624, below: [captureCard()] },
            { device: 9, vendorId: 0x10b5, deviceId: 0x8624, below: [sataCard()] },
          ],
        }),
      ],
    }),
  ];
}

/** On the conventional bus: no PCI Express capability, interrupts by pin. */
function conventionalNetworkCard(): FunctionPlan {
  return {
    device: 4,
    vendorId: 0x8086,
    deviceId: 0x100e,
    classCode: 0x020000,
    revision: 2,
    bars: [
      { kind: 'memory', size: 0x2_0000 },
      { kind: 'io', size: 0x40 },
    ],
    capabilities: [powerManagement({ version: 2 })],
    endpoint: endpointOf('network-ring', { interrupt: 'intx' }),
    // Nobody uses it: no cable is plugged in.
    driver: { first: false, second: false },
    label: '82540EM Gigabit Ethernet Controller',
  };
}

function managementUsb(): FunctionPlan {
  const none = undefined;
  return {
    device: 0,
    vendorId: 0x103c,
    deviceId: 0x3300,
    classCode: 0x0c0300,
    revision: 3,
    bars: [none, none, none, none, { kind: 'io', size: 0x20 }],
    // USB release number, and the legacy support register that the USB hand-off writes.
    extraBytes: { 96: 0x10, 193: 0x20 },
    endpoint: endpointOf('uhci', { interrupt: 'intx' }),
    driver: { first: true, second: true },
    label: 'Integrated Lights-Out Standard Virtual USB Controller',
  };
}

/** 3 GiB below the registers and 5 GiB above 4 GiB. */
const memoryMap: readonly MachineRegion[] = [
  { start: 0x0, end: 0x9_c000, owner: 'low-640k', label: 'System RAM' },
  { start: 0x9_c000, end: 0xa_0000, owner: 'firmware', label: 'Reserved' },
  { start: 0xa_0000, end: 0xc_0000, owner: 'mmio', label: 'PCI Bus 0000:00' },
  { start: 0xc_0000, end: 0xf_0000, owner: 'low-1m', label: 'Video ROM' },
  { start: 0xf_0000, end: 0x10_0000, owner: 'firmware', label: 'System ROM' },
  { start: 0x10_0000, end: 0x100_0000, owner: 'first-kernel', label: 'System RAM' },
  { start: 0x100_0000, end: 0x400_0000, owner: 'dump-relevant', label: 'Kernel code' },
  { start: 0x400_0000, end: 0x2000_0000, owner: 'first-kernel', label: 'System RAM' },
  { start: 0x2000_0000, end: 0x3000_0000, owner: 'crash-kernel', label: 'Crash kernel' },
  { start: 0x3000_0000, end: 0xbf00_0000, owner: 'first-kernel', label: 'System RAM' },
  { start: 0xbf00_0000, end: 0xc000_0000, owner: 'firmware', label: 'Reserved' },
  { start: 0xc000_0000, end: 0xe000_0000, owner: 'mmio', label: 'PCI Bus 0000:00' },
  { start: 0xe000_0000, end: 0xf000_0000, owner: 'mmio', label: 'PCI MMCONFIG 0000 [bus 00-ff]' },
  { start: 0xf000_0000, end: 0xfc00_0000, owner: 'mmio', label: 'PCI Bus 0000:80' },
  { start: 0xfec0_0000, end: 0xfec0_0400, owner: 'mmio', label: 'IOAPIC 0' },
  { start: 0xfed0_0000, end: 0xfed0_0400, owner: 'mmio', label: 'HPET 0' },
  { start: 0xfee0_0000, end: 0xfef0_0000, owner: 'interrupt-window', label: 'Local APIC' },
  // The flash: what goes here untranslated meets no RAM.
  { start: 0xff00_0000, end: 0x1_0000_0000, owner: 'mmio', label: 'Reserved' },
  { start: 0x1_0000_0000, end: 0x2_4000_0000, owner: 'first-kernel', label: 'System RAM' },
];

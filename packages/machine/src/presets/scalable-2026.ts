import { addressTranslationServices, processAddressSpaceId } from '../build/extended-capabilities.ts';
import type { FunctionPlan } from '../build/function-plan.ts';
import { buildMachine } from '../build/machine-builder.ts';
import { PcieType, pciExpress } from '../build/pci-express-capability.ts';
import { rootPort, upstreamPort } from '../build/port-plans.ts';
import type { Machine, MachineRegion } from '../description/machine.ts';
import { captureCard, chipsetFunction, networkCard, nvmeDrive } from './express-devices.ts';

/**
 * A machine of 2026 in scalable mode with four levels. On bus 82 all functions have device numbers of 16 and more, so that
 * only the upper half of its root entry is used. A card and an integrated accelerator have translation caches.
 */
export function scalable2026(): Machine {
  return buildMachine({
    name: 'scalable-2026',
    description: 'Scalable mode: a bus with devfn 0x80 and above only, ATS devices, SATC, two root complexes',
    rootComplexes: [
      {
        firstBus: 0,
        lastBus: 0x7f,
        ecamBase: 0xc000_0000,
        memory: { start: 0x8000_0000, end: 0xb000_0000 },
        io: { start: 0x1000, end: 0x8000 },
        functions: firstRootComplex(),
      },
      {
        firstBus: 0x80,
        lastBus: 0xff,
        ecamBase: 0xc000_0000,
        memory: { start: 0xb000_0000, end: 0xc000_0000 },
        io: { start: 0x8000, end: 0x1_0000 },
        functions: secondRootComplex(),
      },
    ],
    units: [0xfc80_0000, 0xfc81_0000].map((registerBase, index) => ({
      name: `dmar${index}`,
      architecture: 'vt-d',
      segment: 0,
      registerBase,
      version: 0x70,
      capability: 'c9de008cee690462',
      // Scalable mode with PASID, first and second level, pass-through; queued invalidation, interrupt remapping.
      extendedCapability: '001acb9a00f0efde',
    })),
    dmar: {
      hostAddressWidth: 42,
      flags: 0x5,
      units: [
        {
          segment: 0,
          base: 0xfc80_0000,
          includeAll: false,
          scopes: [{ type: 'endpoint', bus: 0, path: [[0x0b, 0]] }],
        },
        {
          segment: 0,
          base: 0xfc81_0000,
          includeAll: true,
          scopes: [
            { type: 'io-apic', id: 2, bus: 0, path: [[0x1e, 7]] },
            { type: 'hpet', id: 0, bus: 0, path: [[0x1e, 6]] },
          ],
        },
      ],
      atsRootPorts: [{ segment: 0, scopes: [{ type: 'bridge', bus: 0, path: [[0x01, 0]] }] }],
      satc: [{ segment: 0, required: true, scopes: [{ type: 'endpoint', bus: 0, path: [[0x0b, 0]] }] }],
    },
    memoryMap,
    platform: { systemError: 'aer-interrupt', remappingFault: 'none', masterAbortIsSystemError: false },
    dumpTarget: '0000:02:00.0',
    workload: { interrupts: true, intensity: 1 },
    processors: 64,
    scalable: true,
  });
}

function firstRootComplex(): FunctionPlan[] {
  return [
    chipsetFunction({ device: 0, deviceId: 0x7d1b, classCode: 0x060000, label: 'Host bridge' }),
    rootPort({ device: 1, speed: 5, below: [networkCard({ traits: { usesAts: true } })] }),
    rootPort({ device: 6, speed: 5, below: [nvmeDrive()] }),
    accelerator(),
    chipsetFunction({
      device: 0x1f,
      multifunction: true,
      deviceId: 0xae0d,
      classCode: 0x060100,
      label: 'LPC Controller',
    }),
    captureCard({ device: 0x1f, fn: 3, multifunction: true, conventional: true, deviceId: 0x7f50 }),
  ];
}

/** Integrated in the root complex, with a translation cache and PASIDs; nobody uses it. */
function accelerator(): FunctionPlan {
  return {
    device: 0x0b,
    vendorId: 0x8086,
    deviceId: 0xad1d,
    classCode: 0x120000,
    bars: [{ kind: 'memory64', size: 0x10_0000 }],
    capabilities: [
      pciExpress({ type: PcieType.rcIntegratedEndpoint, functionLevelReset: true }),
      addressTranslationServices(),
      processAddressSpaceId(),
    ],
    driver: { first: true, second: false },
    label: 'Neural processor',
  };
}

/** Bus 80 with a port, bus 81 with a switch, and on the switch's own bus 82 nothing below device 0x14. */
function secondRootComplex(): FunctionPlan[] {
  return [
    rootPort({
      device: 0x14,
      speed: 4,
      below: [
        upstreamPort({
          device: 0,
          vendorId: 0x104c,
          deviceId: 0x8232,
          below: [
            captureCard({ device: 0x14 }),
            captureCard({ device: 0x1f, multifunction: true }),
            networkCard({ device: 0x1f, fn: 6, multifunction: true }),
          ],
        }),
      ],
    }),
  ];
}

/** 2 GiB below the registers and 14 GiB above 4 GiB. */
const memoryMap: readonly MachineRegion[] = [
  { start: 0x0, end: 0x9_f000, owner: 'low-640k', label: 'System RAM' },
  { start: 0x9_f000, end: 0xa_0000, owner: 'firmware', label: 'Reserved' },
  { start: 0xa_0000, end: 0xc_0000, owner: 'mmio', label: 'PCI Bus 0000:00' },
  { start: 0xc_0000, end: 0x10_0000, owner: 'low-1m', label: 'Reserved' },
  { start: 0x10_0000, end: 0x3800_0000, owner: 'first-kernel', label: 'System RAM' },
  { start: 0x3800_0000, end: 0x4800_0000, owner: 'crash-kernel', label: 'Crash kernel' },
  { start: 0x4800_0000, end: 0x7000_0000, owner: 'first-kernel', label: 'System RAM' },
  { start: 0x7000_0000, end: 0x8000_0000, owner: 'firmware', label: 'Reserved' },
  { start: 0x8000_0000, end: 0xb000_0000, owner: 'mmio', label: 'PCI Bus 0000:00' },
  { start: 0xb000_0000, end: 0xc000_0000, owner: 'mmio', label: 'PCI Bus 0000:80' },
  { start: 0xc000_0000, end: 0xd000_0000, owner: 'mmio', label: 'PCI ECAM 0000 [bus 00-ff]' },
  { start: 0xfc80_0000, end: 0xfc82_0000, owner: 'mmio', label: 'Reserved' },
  { start: 0xfec0_0000, end: 0xfec0_0400, owner: 'mmio', label: 'IOAPIC 0' },
  { start: 0xfed0_0000, end: 0xfed0_0400, owner: 'mmio', label: 'HPET 0' },
  { start: 0xfee0_0000, end: 0xfef0_0000, owner: 'interrupt-window', label: 'Local APIC' },
  { start: 0xff00_0000, end: 0x1_0000_0000, owner: 'mmio', label: 'Reserved' },
  { start: 0x1_0000_0000, end: 0x2_0000_0000, owner: 'first-kernel', label: 'System RAM' },
  { start: 0x2_0000_0000, end: 0x2_0300_0000, owner: 'dump-relevant', label: 'Kernel code' },
  { start: 0x2_0300_0000, end: 0x4_8000_0000, owner: 'first-kernel', label: 'System RAM' },
];

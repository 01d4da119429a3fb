import type { FunctionPlan } from '../build/function-plan.ts';
import { buildMachine } from '../build/machine-builder.ts';
import { rootPort } from '../build/port-plans.ts';
import type { Machine, MachineRegion } from '../description/machine.ts';
import { captureCard, chipsetFunction, networkCard, nvmeDrive } from './express-devices.ts';

/**
 * An Arm server with one SMMUv3 above all of PCI and RAM from 2 GiB up to 4 GiB: I/O virtual addresses from 4 GiB
 * downwards are RAM where nothing translates them. A refused request is a fatal error to the network card and to the
 * drive. Interrupt messages go to 0xFEE00000, where the fabric takes them: the doorbell of the ITS stands there.
 */
export function armServer2026(): Machine {
  return buildMachine({
    name: 'arm-server-2026',
    description:
      'SMMUv3 with two-level stream table; RAM where I/O virtual addresses are; fatal errors on refusal',
    rootComplexes: [
      {
        firstBus: 0,
        lastBus: 0xff,
        ecamBase: 0x1000_0000,
        memory: { start: 0x4000_0000, end: 0x7000_0000 },
        io: { start: 0x1000, end: 0x1_0000 },
        functions: [
          chipsetFunction({ device: 0, deviceId: 0xe110, classCode: 0x060000, label: 'Host bridge' }),
          rootPort({ device: 1, speed: 4, below: [networkCard({ traits: { onRefusal: 'fatal-error' } })] }),
          rootPort({ device: 2, speed: 4, below: [nvmeDrive({ traits: { onRefusal: 'fatal-error' } })] }),
          rootPort({ device: 3, speed: 3, below: [recorder()] }),
        ],
      },
    ],
    units: [
      {
        name: 'arm-smmu-v3.0.auto',
        architecture: 'smmu-v3',
        segment: 0,
        registerBase: 0x280_0000,
        version: 0x02,
        // IDR1: 2^8 commands, 2^7 events, StreamIDs of 16 bits. IDR0: two-level tables, coherent, both stages, no ATS.
        capability: '010700100d44101b',
        // IDR5: pages of 4 KiB, 48 bits.
        extendedCapability: '0000000000000015',
      },
    ],
    memoryMap,
    platform: { systemError: 'aer-interrupt', remappingFault: 'none', masterAbortIsSystemError: false },
    dumpTarget: '0000:02:00.0',
  });
}

/** A capture card whose driver resets it before it maps anything, as drivers that live with adopted tables must. */
function recorder(): FunctionPlan {
  return { ...captureCard(), driver: { first: true, second: true, resetsBeforeMap: true } };
}

/** 2 GiB below 4 GiB, 14 GiB above. The second kernel is where arm64 puts it: as high below 4 GiB as it can be. */
const memoryMap: readonly MachineRegion[] = [
  { start: 0x0, end: 0x1000_0000, owner: 'mmio', label: 'Peripherals' },
  { start: 0x1000_0000, end: 0x2000_0000, owner: 'mmio', label: 'PCI ECAM 0000 [bus 00-ff]' },
  { start: 0x4000_0000, end: 0x7000_0000, owner: 'mmio', label: 'PCI Bus 0000:00' },
  { start: 0x8000_0000, end: 0x8020_0000, owner: 'firmware', label: 'Reserved' },
  { start: 0x8020_0000, end: 0x8300_0000, owner: 'dump-relevant', label: 'Kernel code' },
  { start: 0x8300_0000, end: 0xe000_0000, owner: 'first-kernel', label: 'System RAM' },
  { start: 0xe000_0000, end: 0xfe00_0000, owner: 'crash-kernel', label: 'Crash kernel' },
  { start: 0xfe00_0000, end: 0xfee0_0000, owner: 'first-kernel', label: 'System RAM' },
  { start: 0xfee0_0000, end: 0xfef0_0000, owner: 'interrupt-window', label: 'ITS' },
  { start: 0xfef0_0000, end: 0x1_0000_0000, owner: 'first-kernel', label: 'System RAM' },
  { start: 0x880_0000_0000, end: 0x883_8000_0000, owner: 'first-kernel', label: 'System RAM' },
];

import { powerManagement } from '../build/capability-plan.ts';
import { endpointOf } from '../build/endpoint-kinds.ts';
import type { FunctionPlan } from '../build/function-plan.ts';
import { buildMachine } from '../build/machine-builder.ts';
import { rootPort } from '../build/port-plans.ts';
import type { Machine } from '../description/machine.ts';
import { captureCard, chipsetFunction, chipsetSata, networkCard, vgaCard } from './express-devices.ts';
import { SMALL_ECAM, SMALL_WINDOWS, smallMemoryMap, smallUnit } from './small-machine.ts';

/** Non-fatal and fatal errors become system errors at the ports. */
const SYSTEM_ERRORS = 0x6;
/**
 * Between its new interrupt table and the enumeration that switches MSI off, a kernel takes about half a second. With a
 * frame, and with it an interrupt, every second, and a crash that falls anywhere in between, every second crash has one
 * in that window.
 */
const FRAME_MS = 1000;

/**
 * A workstation of 2012, small enough for thousands of runs: a network card that seldom interrupts, a capture card that
 * streams and is polled, VGA behind a port, a conventional card that nobody uses. A remapping fault is a PCI SERR.
 */
export function workstation2012(): Machine {
  return buildMachine({
    name: 'workstation-2012',
    description:
      'Small machine for distributions: a card that seldom interrupts, SERR on remapping faults, VGA behind a port, legacy PCI',
    rootComplexes: [
      {
        firstBus: 0,
        lastBus: 0xff,
        ecamBase: SMALL_ECAM,
        memory: SMALL_WINDOWS[0],
        io: { start: 0x1000, end: 0x1_0000 },
        functions: functions(),
      },
    ],
    units: [smallUnit(0)],
    dmar: {
      hostAddressWidth: 36,
      flags: 1,
      units: [
        {
          segment: 0,
          base: 0xfed9_0000,
          includeAll: true,
          scopes: [{ type: 'io-apic', id: 0, bus: 0xf0, path: [[0x1f, 7]] }],
        },
      ],
    },
    memoryMap: smallMemoryMap,
    platform: { systemError: 'serr-nmi', remappingFault: 'serr-nmi', masterAbortIsSystemError: false },
    dumpTarget: '0000:00:1f.2',
    workload: { interrupts: true, intensity: 1, runMs: { shortest: 20, longest: 20 + FRAME_MS } },
  });
}

function functions(): FunctionPlan[] {
  const rootControl = SYSTEM_ERRORS;
  return [
    chipsetFunction({ device: 0, deviceId: 0x0150, classCode: 0x060000, label: 'Host bridge' }),
    rootPort({ device: 1, rootControl, below: [vgaCard()] }),
    rootPort({ device: 2, rootControl, below: [quietNetworkCard()] }),
    rootPort({ device: 3, rootControl, below: [polledCaptureCard()] }),
    conventionalBridge(),
    chipsetFunction({
      device: 0x1f,
      multifunction: true,
      deviceId: 0x1e44,
      classCode: 0x060100,
      label: 'LPC Controller',
    }),
    chipsetSata({ device: 0x1f, fn: 2, multifunction: true, deviceId: 0x1e02 }),
  ];
}

function quietNetworkCard(): FunctionPlan {
  const card = networkCard();
  return {
    ...card,
    endpoint: endpointOf('network-ring', { interrupt: 'msi-x' }, { ratePerSecond: 1000 / FRAME_MS }),
  };
}

/** Streams all the time; its driver polls it, so that it says nothing about interrupts, and resets it first. */
function polledCaptureCard(): FunctionPlan {
  return {
    ...captureCard({ traits: { interrupt: 'none' } }),
    driver: { first: true, second: true, resetsBeforeMap: true },
  };
}

/** The chipset's bridge to conventional PCI, which no port can reset, and a card without PCI Express. */
function conventionalBridge(): FunctionPlan {
  const card: FunctionPlan = {
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
    driver: { first: false, second: false },
    label: '82540EM Gigabit Ethernet Controller',
  };
  return {
    device: 0x1e,
    vendorId: 0x8086,
    deviceId: 0x244e,
    classCode: 0x060401,
    interruptPin: 0,
    bridge: { below: [card] },
    label: '82801 PCI Bridge',
  };
}

import { msix, powerManagement } from '../build/capability-plan.ts';
import { endpointOf } from '../build/endpoint-kinds.ts';
import { advancedErrorReporting, singleRootIov } from '../build/extended-capabilities.ts';
import type { FunctionPlan } from '../build/function-plan.ts';
import { buildMachine } from '../build/machine-builder.ts';
import { PcieType, pciExpress } from '../build/pci-express-capability.ts';
import { rootPort } from '../build/port-plans.ts';
import type { Machine } from '../description/machine.ts';
import { chipsetFunction, nvmeDrive } from './express-devices.ts';
import { SMALL_ECAM, SMALL_WINDOWS, smallMemoryMap, smallUnit } from './small-machine.ts';

const CARD = '0000:02:00.0';
/** Of the card's window: its own BARs, and behind them those of its virtual functions. */
const WINDOW = 0xc080_0000;
const REGISTERS = 0x2_0000;
const TABLE = 0x4000;

/**
 * A network card with two virtual functions at 02:00.1 and 02:00.2, which both kernels use; its driver sets VF Enable in
 * both. The dump goes to an NVMe drive; `dumpTarget` may as well be a virtual function.
 */
export function sriov2020(): Machine {
  return buildMachine({
    name: 'sriov-2020',
    description: 'A network card with two virtual functions that both kernels use, and an NVMe drive',
    rootComplexes: [
      {
        firstBus: 0,
        lastBus: 0xff,
        ecamBase: SMALL_ECAM,
        memory: SMALL_WINDOWS[0],
        io: { start: 0x1000, end: 0x1_0000 },
        functions: [
          chipsetFunction({ device: 0, deviceId: 0x2020, classCode: 0x060000, label: 'Host bridge' }),
          rootPort({ device: 1, below: [nvmeDrive()] }),
          rootPort({
            device: 2,
            memory: { base: WINDOW, limit: WINDOW + 0x1f_ffff },
            below: [physicalFunction(), virtualFunction(1), virtualFunction(2)],
          }),
        ],
      },
    ],
    units: [smallUnit(0)],
    dmar: {
      hostAddressWidth: 46,
      flags: 1,
      units: [
        {
          segment: 0,
          base: 0xfed9_0000,
          includeAll: true,
          scopes: [{ type: 'io-apic', id: 8, bus: 0xf0, path: [[0x1f, 7]] }],
        },
      ],
    },
    memoryMap: smallMemoryMap,
    dumpTarget: '0000:01:00.0',
    workload: { interrupts: true, intensity: 1 },
  });
}

function physicalFunction(): FunctionPlan {
  return {
    device: 0,
    vendorId: 0x15b3,
    deviceId: 0x1017,
    classCode: 0x020000,
    bars: [
      { kind: 'memory', size: REGISTERS, address: WINDOW },
      undefined,
      undefined,
      { kind: 'memory', size: TABLE, address: WINDOW + REGISTERS },
    ],
    capabilities: [
      ...capabilities(),
      singleRootIov({
        totalVfs: 2,
        vfOffset: 1,
        vfStride: 1,
        vfDeviceId: 0x1018,
        bars: { 0: WINDOW + 0x10_0000, 3: WINDOW + 0x10_0000 + 2 * REGISTERS },
      }),
    ],
    endpoint: endpointOf('network-ring', { interrupt: 'msi-x' }),
    driver: { first: true, second: true, enablesVirtualFunctions: true },
    label: 'MT27800 Family [ConnectX-5]',
  };
}

/** IDs of all ones and BARs of zero are what the specification wants of a virtual function (PCIe 9.3.4.1). */
function virtualFunction(fn: number): FunctionPlan {
  return {
    device: 0,
    fn,
    vendorId: 0xffff,
    deviceId: 0xffff,
    classCode: 0x020000,
    command: 0,
    interruptPin: 0,
    bars: [
      { kind: 'memory', size: REGISTERS, address: 0 },
      undefined,
      undefined,
      { kind: 'memory', size: TABLE, address: 0 },
    ],
    capabilities: capabilities(),
    endpoint: endpointOf('network-ring', { interrupt: 'msi-x' }),
    physicalFunction: CARD,
    driver: { first: true, second: true },
    label: 'MT27800 Family [ConnectX-5 Virtual Function]',
  };
}

function capabilities(): NonNullable<FunctionPlan['capabilities']> {
  return [
    powerManagement(),
    pciExpress({ type: PcieType.endpoint, functionLevelReset: true, deviceControl: 0xf }),
    msix({ vectors: 5, bar: 3, pendingOffset: 0x2000 }),
    advancedErrorReporting(),
  ];
}

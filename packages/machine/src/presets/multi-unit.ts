import { powerManagement } from '../build/capability-plan.ts';
import { endpointOf } from '../build/endpoint-kinds.ts';
import type { FunctionPlan } from '../build/function-plan.ts';
import { buildMachine } from '../build/machine-builder.ts';
import { rootPort } from '../build/port-plans.ts';
import type { Machine } from '../description/machine.ts';
import { captureCard, chipsetFunction, chipsetSata, networkCard } from './express-devices.ts';
import { SMALL_ECAM, SMALL_WINDOWS, smallMemoryMap, smallUnit } from './small-machine.ts';

/**
 * A desktop with three remapping units: dmar0 for its graphics alone, dmar1 whose scope names only a function that is not
 * there (a controller that firmware has hidden), dmar2 for all the rest. Kernels may decide to ignore the first two.
 */
export function multiUnit(): Machine {
  return buildMachine({
    name: 'multi-unit',
    description:
      'Three remapping units: one for graphics alone, one whose scope names an absent function, one for the rest',
    rootComplexes: [
      {
        firstBus: 0,
        lastBus: 0xff,
        ecamBase: SMALL_ECAM,
        memory: SMALL_WINDOWS[0],
        io: { start: 0x1000, end: 0x1_0000 },
        functions: [
          chipsetFunction({ device: 0, deviceId: 0x1918, classCode: 0x060000, label: 'Host bridge' }),
          rootPort({ device: 1, below: [networkCard()] }),
          graphics(),
          rootPort({ device: 3, below: [captureCard()] }),
          chipsetFunction({
            device: 0x1f,
            multifunction: true,
            deviceId: 0xa145,
            classCode: 0x060100,
            label: 'LPC Controller',
          }),
          chipsetSata({ device: 0x1f, fn: 2, multifunction: true, deviceId: 0xa102 }),
        ],
      },
    ],
    units: [smallUnit(0), smallUnit(1), smallUnit(2)],
    dmar: {
      hostAddressWidth: 39,
      flags: 1,
      units: [
        {
          segment: 0,
          base: 0xfed9_0000,
          includeAll: false,
          scopes: [{ type: 'endpoint', bus: 0, path: [[0x02, 0]] }],
        },
        {
          segment: 0,
          base: 0xfed9_1000,
          includeAll: false,
          scopes: [{ type: 'endpoint', bus: 0, path: [[0x1b, 0]] }],
        },
        {
          segment: 0,
          base: 0xfed9_2000,
          includeAll: true,
          scopes: [{ type: 'io-apic', id: 2, bus: 0xf0, path: [[0x1f, 0]] }],
        },
      ],
    },
    memoryMap: smallMemoryMap,
    dumpTarget: '0000:00:1f.2',
    workload: { interrupts: true, intensity: 1 },
  });
}

/** Integrated graphics that scan out of system memory; the second kernel has no driver for them. */
function graphics(): FunctionPlan {
  return {
    device: 2,
    vendorId: 0x8086,
    deviceId: 0x1912,
    classCode: 0x030000,
    bars: [
      { kind: 'memory', size: 0x100_0000 },
      { kind: 'memory', size: 0x4000 },
    ],
    capabilities: [powerManagement()],
    endpoint: endpointOf('scan-out', { interrupt: 'none' }),
    driver: { first: true, second: false },
    label: 'HD Graphics 530',
  };
}

import { msi, powerManagement } from '../build/capability-plan.ts';
import { endpointOf } from '../build/endpoint-kinds.ts';
import { advancedErrorReporting } from '../build/extended-capabilities.ts';
import type { FunctionPlan } from '../build/function-plan.ts';
import { buildMachine } from '../build/machine-builder.ts';
import { PcieType, pciExpress } from '../build/pci-express-capability.ts';
import { rootPort } from '../build/port-plans.ts';
import type { Machine } from '../description/machine.ts';
import { chipsetFunction, chipsetSata, networkCard } from './express-devices.ts';
import { SMALL_ECAM, SMALL_RESERVED, SMALL_WINDOWS, smallMemoryMap, smallUnit } from './small-machine.ts';

/**
 * A server whose management controller writes what its sensors say into reserved memory (an RMRR), all the time and for no
 * kernel: firmware started it. Neither kernel has a driver for it. A network card streams besides.
 */
export function management2012(): Machine {
  return buildMachine({
    name: 'management-2012',
    description:
      'A management controller that firmware runs by DMA into reserved memory (RMRR), and a network card',
    rootComplexes: [
      {
        firstBus: 0,
        lastBus: 0xff,
        ecamBase: SMALL_ECAM,
        memory: SMALL_WINDOWS[0],
        io: { start: 0x1000, end: 0x1_0000 },
        functions: [
          chipsetFunction({ device: 0, deviceId: 0x3c00, classCode: 0x060000, label: 'Host bridge' }),
          rootPort({ device: 1, below: [networkCard()] }),
          rootPort({ device: 0x1c, below: [managementController()] }),
          chipsetFunction({
            device: 0x1f,
            multifunction: true,
            deviceId: 0x1d41,
            classCode: 0x060100,
            label: 'C600/X79 LPC Controller',
          }),
          chipsetSata({ device: 0x1f, fn: 2, multifunction: true, deviceId: 0x1d02 }),
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
      reserved: [
        {
          segment: 0,
          ...SMALL_RESERVED,
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
    memoryMap: smallMemoryMap,
    dumpTarget: '0000:00:1f.2',
    workload: { interrupts: true, intensity: 1 },
  });
}

/** Goes round in four pages of its region, a hundred writes a second, and polls. */
function managementController(): FunctionPlan {
  return {
    device: 0,
    vendorId: 0x103c,
    deviceId: 0x3306,
    classCode: 0x088000,
    revision: 5,
    bars: [{ kind: 'memory', size: 0x4000 }],
    capabilities: [
      powerManagement(),
      msi(),
      pciExpress({ type: PcieType.legacyEndpoint, deviceControl: 0xf }),
      advancedErrorReporting(),
    ],
    endpoint: endpointOf('cyclic-stream', { interrupt: 'none' }, { ratePerSecond: 1600, burstBytes: 64 }),
    driver: { first: false, second: false, firmware: true, queueDepth: 4, bufferBytes: 4096 },
    label: 'Integrated Lights-Out Standard Slave Instrumentation & System Support',
  };
}

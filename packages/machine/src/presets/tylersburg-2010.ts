import type { FunctionPlan } from '../build/function-plan.ts';
import { buildMachine } from '../build/machine-builder.ts';
import { PcieType, pciExpress } from '../build/pci-express-capability.ts';
import { rootPort } from '../build/port-plans.ts';
import type { Machine } from '../description/machine.ts';
import { captureCard, chipsetFunction, chipsetSata, networkCard } from './express-devices.ts';
import { SMALL_ECAM, SMALL_WINDOWS, smallMemoryMap, smallUnit } from './small-machine.ts';

/**
 * A server with a 5500/5520 chipset of stepping 0x13, whose interrupt remapping has errata 47 and 53. Its core logic takes
 * remapping faults for platform errors, for which firmware enters an SMI that does not end, unless VTUNCERRMSK (config
 * offset 0x1AC of 00:14.0) masks them.
 */
export function tylersburg2010(): Machine {
  return buildMachine({
    name: 'tylersburg-2010',
    description:
      '5500/5520 server of stepping 13: a remapping fault hangs in an SMI unless VTUNCERRMSK masks it',
    rootComplexes: [
      {
        firstBus: 0,
        lastBus: 0xff,
        ecamBase: SMALL_ECAM,
        memory: SMALL_WINDOWS[0],
        io: { start: 0x1000, end: 0x1_0000 },
        functions: [
          {
            ...chipsetFunction({
              device: 0,
              deviceId: 0x3405,
              classCode: 0x060000,
              label: '5520/5500/X58 I/O Hub to ESI Port',
            }),
            revision: 0x13,
          },
          rootPort({ device: 1, below: [networkCard()] }),
          rootPort({ device: 3, below: [captureCard()] }),
          systemManagement(),
          chipsetFunction({
            device: 0x1f,
            multifunction: true,
            deviceId: 0x3a16,
            classCode: 0x060100,
            label: '82801JIR (ICH10R) LPC Interface Controller',
          }),
          chipsetSata({ device: 0x1f, fn: 2, multifunction: true, deviceId: 0x3a22 }),
        ],
      },
    ],
    units: [smallUnit(0)],
    dmar: {
      hostAddressWidth: 40,
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
    platform: { systemError: 'none', remappingFault: 'smi-hang', masterAbortIsSystemError: false },
    dumpTarget: '0000:00:1f.2',
    workload: { interrupts: true, intensity: 1 },
  });
}

/** The function of the I/O hub that has VTUNCERRMSK, in extended config space; firmware left nothing masked. */
function systemManagement(): FunctionPlan {
  return {
    ...chipsetFunction({
      device: 0x14,
      deviceId: 0x342e,
      classCode: 0x080000,
      label: '7500/5520/5500/X58 I/O Hub System Management Registers',
    }),
    capabilities: [pciExpress({ type: PcieType.rcIntegratedEndpoint })],
  };
}

import type { FunctionPlan } from '../build/function-plan.ts';
import { buildMachine } from '../build/machine-builder.ts';
import { rootPort } from '../build/port-plans.ts';
import type { RootComplexPlan } from '../build/root-complex.ts';
import type { Machine } from '../description/machine.ts';
import { captureCard, chipsetFunction, chipsetSata, networkCard } from './express-devices.ts';
import {
  SMALL_ECAM,
  SMALL_ECAM_SEGMENT_1,
  SMALL_WINDOWS,
  smallMemoryMap,
  smallUnit,
} from './small-machine.ts';

/**
 * Three root complexes: buses 00 and 40 of segment 0, and segment 1. A scan that starts at 00:00 and follows bridges
 * misses bus 40; accesses through the ports 0xCF8 and 0xCFC do not reach segment 1 at all.
 */
export function threeRoots(): Machine {
  return buildMachine({
    name: 'three-roots',
    description: 'Root complexes at 0000:00, 0000:40 and 0001:00, a streaming card behind a port of each',
    rootComplexes: [
      {
        ...root(0, 0, 0x3f),
        functions: [
          chipsetFunction({ device: 0, deviceId: 0x2f00, classCode: 0x060000, label: 'Host bridge' }),
          streamingCards(),
          chipsetFunction({
            device: 0x1f,
            multifunction: true,
            deviceId: 0x8d44,
            classCode: 0x060100,
            label: 'LPC Controller',
          }),
          chipsetSata({ device: 0x1f, fn: 2, multifunction: true, deviceId: 0x8d02 }),
        ],
      },
      { ...root(1, 0x40, 0x7f), functions: [streamingCards()] },
      { ...root(2, 0, 0xff), segment: 1, ecamBase: SMALL_ECAM_SEGMENT_1, functions: [streamingCards()] },
    ],
    units: [smallUnit(0), smallUnit(1, 1)],
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
        { segment: 1, base: 0xfed9_1000, includeAll: true, scopes: [] },
      ],
    },
    memoryMap: smallMemoryMap,
    dumpTarget: '0000:00:1f.2',
    workload: { interrupts: true, intensity: 1 },
    // One processor would have to take all vectors, and give devices those of the ISA interrupts.
    processors: 4,
  });
}

function root(index: 0 | 1 | 2, firstBus: number, lastBus: number): Omit<RootComplexPlan, 'functions'> {
  const io = { start: 0x1000 + index * 0x4000, end: 0x5000 + index * 0x4000 };
  return { firstBus, lastBus, ecamBase: SMALL_ECAM, memory: SMALL_WINDOWS[index], io };
}

/** A network card and a capture card as one device behind a port. */
function streamingCards(): FunctionPlan {
  const capture: FunctionPlan = {
    ...captureCard({ fn: 1, multifunction: true }),
    driver: { first: true, second: true, resetsBeforeMap: true },
  };
  return rootPort({ device: 1, below: [networkCard({ multifunction: true }), capture] });
}

import { placeAsFirmware } from '../build/firmware-placement.ts';
import type { FunctionPlan } from '../build/function-plan.ts';
import { buildMachine } from '../build/machine-builder.ts';
import type { Machine } from '../description/machine.ts';
import { ich9, pxbPcie, q35HostBridge } from './q35-chipset.ts';
import { e1000e, hdAudio } from './q35-endpoints.ts';
import { q35RootPort, xio3130Upstream } from './q35-ports.ts';
import { smallMemoryMap } from './small-machine.ts';

/**
 * The emulated machine in scalable mode on which a defect of 2026 was measured: behind a second host bridge a switch on
 * whose bus 82 all functions have devfn 0x80 and above, so that the lower half of its root entry is empty.
 */
export function q35ScalableLab(): Machine {
  return build('q35-scalable-lab', 'nothing below devfn 0x80 on bus 82', []);
}

/** The control of that measurement: a further device at 82:02.0 makes both halves of the root entry present. */
export function q35ScalableLabBothHalves(): Machine {
  const description = 'the control, with a device at 82:02.0 too';
  return build('q35-scalable-lab-both-halves', description, [audio(0x02)]);
}

function build(name: string, what: string, lower: readonly FunctionPlan[]): Machine {
  return buildMachine({
    name,
    description: `Emulated Q35 in scalable mode, a switch behind a second host bridge: ${what}`,
    rootComplexes: placeAsFirmware([
      {
        firstBus: 0,
        lastBus: 0x7f,
        ecamBase: 0xb000_0000,
        memory: { start: 0xc000_0000, end: 0xfec0_0000 },
        io: { start: 0x1000, end: 0x1_0000 },
        functions: [q35HostBridge(), pxbPcie(3), ...ich9()],
      },
      {
        firstBus: 0x80,
        lastBus: 0xff,
        ecamBase: 0xb000_0000,
        memory: { start: 0xc000_0000, end: 0xfec0_0000 },
        io: { start: 0x1000, end: 0x1_0000 },
        functions: [switchBelowPort(lower)],
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
        // As in q35-lab, with scalable mode and second-level tables in it.
        extendedCapability: '0000480080f00f4a',
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
            ...busZero.map(([device, fn]) => ({ type: 'endpoint', bus: 0, path: [[device, fn]] }) as const),
            { type: 'bridge', bus: 0x80, path: [[0x14, 0]] },
          ],
        },
      ],
    },
    memoryMap: smallMemoryMap,
    dumpTarget: '0000:82:1f.6',
    workload: { interrupts: false, intensity: 1 },
    scalable: true,
  });
}

const busZero: readonly (readonly [device: number, fn: number])[] = [
  [0x00, 0],
  [0x03, 0],
  [0x1f, 0],
  [0x1f, 2],
  [0x1f, 3],
];

function switchBelowPort(lower: readonly FunctionPlan[]): FunctionPlan {
  return q35RootPort({
    device: 0x14,
    nativeHotPlug: true,
    below: [
      xio3130Upstream({
        below: [
          ...lower,
          audio(0x14),
          audio(0x1f, true),
          e1000e({ device: 0x1f, fn: 6, multifunction: true, serial: 1 }),
        ],
      }),
    ],
  });
}

/** Its driver gives no trouble of its own: what faults, faults because of tables. */
function audio(device: number, multifunction = false): FunctionPlan {
  return {
    ...hdAudio({ device, multifunction, revision: 1 }),
    driver: { first: true, second: true, resetsBeforeMap: true },
  };
}

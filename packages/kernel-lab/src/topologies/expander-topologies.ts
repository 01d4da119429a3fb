import {
  e1000e,
  type FunctionPlan,
  hdAudio,
  ich9,
  type Machine,
  pxbPcie,
  q35HostBridge,
  q35RootPort,
  xio3130Upstream,
} from '@quiesce/machine';
import { labMachine } from './lab-machine.ts';

/**
 * Scalable mode, and on the bus inside of a switch nothing below devfn 0x80: the lower half of that bus's root entry is
 * empty, which a defect of 2026 in copying root entries needs.
 */
export function q35Scalable(): Machine {
  return machine('q35-scalable', 'scalable mode, nothing below devfn 0x80 on bus 82', true, []);
}

/** The control: a further device makes both halves of the root entry present. */
export function q35ScalableBothHalves(): Machine {
  return machine('q35-scalable-both-halves', 'scalable mode, a device at 82:02.0 too', true, [audio(0x02)]);
}

/** The other control: the same functions behind a unit without scalable mode. */
export function q35ScalableLegacy(): Machine {
  return machine('q35-scalable-legacy', 'the functions of q35-scalable in legacy mode', false, []);
}

function machine(
  name: string,
  description: string,
  scalable: boolean,
  lower: readonly FunctionPlan[],
): Machine {
  return labMachine({
    name,
    description: `a switch behind a second host bridge, ${description}`,
    functions: [q35HostBridge(), pxbPcie(3), ...ich9()],
    behindExpander: [
      q35RootPort({
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
      }),
    ],
    dumpTarget: '0000:82:1f.6',
    scalable,
  });
}

function audio(device: number, multifunction = false): FunctionPlan {
  return hdAudio({ device, multifunction, revision: 1 });
}

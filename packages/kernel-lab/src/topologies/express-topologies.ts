import {
  e1000e,
  type FunctionPlan,
  hdAudio,
  ich9,
  type Machine,
  q35HostBridge,
  q35RootPort,
  uhci,
  xio3130Downstream,
  xio3130Upstream,
} from '@quiesce/machine';
import { labMachine } from './lab-machine.ts';

const audio = (): FunctionPlan => hdAudio({ revision: 1 });
const network = (serial: number): FunctionPlan => e1000e({ serial });
const port = (device: number, ...below: FunctionPlan[]): FunctionPlan => q35RootPort({ device, below });

/** The laboratory's first machine without its NVMe drive, which a snapshot cannot hold. */
export function q35LabWithoutNvme(): Machine {
  return labMachine({
    name: 'q35-lab-no-nvme',
    description: 'three root ports, a switch with an empty port, devices on the root complex',
    functions: [
      q35HostBridge(),
      port(1, network(1)),
      port(
        2,
        xio3130Upstream({
          below: [
            xio3130Downstream({ device: 0, slot: 4, below: [network(2)] }),
            xio3130Downstream({ device: 1, slot: 5, below: [] }),
            xio3130Downstream({ device: 2, slot: 6, below: [audio()] }),
          ],
        }),
      ),
      port(3, audio()),
      e1000e({ device: 4, integrated: true, serial: 3 }),
      hdAudio({ device: 0x1b, deviceId: 0x293e, revision: 3 }),
      uhci(),
      ...ich9(),
    ],
    dumpTarget: '0000:00:04.0',
  });
}

/** A port for each device: whatever is done to one port concerns one device. */
export function q35Ports(): Machine {
  return labMachine({
    name: 'q35-ports',
    description: 'six root ports with a device each',
    functions: [
      q35HostBridge(),
      port(1, network(1)),
      port(2, audio()),
      port(3, network(2)),
      port(4, audio()),
      port(5, network(3)),
      port(6, audio()),
      ...ich9(),
    ],
    dumpTarget: '0000:01:00.0',
  });
}

/** A switch below a switch below a switch: a reset of the one root port must reach through all of them. */
export function q35Nested(): Machine {
  const innermost = xio3130Upstream({
    below: [
      xio3130Downstream({ device: 0, slot: 7, below: [network(3)] }),
      xio3130Downstream({ device: 1, slot: 8, below: [audio()] }),
    ],
  });
  const middle = xio3130Upstream({
    below: [
      xio3130Downstream({ device: 0, slot: 5, below: [audio()] }),
      xio3130Downstream({ device: 1, slot: 6, below: [innermost] }),
    ],
  });
  const outer = xio3130Upstream({
    below: [
      xio3130Downstream({ device: 0, slot: 2, below: [network(1)] }),
      xio3130Downstream({ device: 1, slot: 3, below: [middle] }),
      xio3130Downstream({ device: 2, slot: 4, below: [network(2)] }),
    ],
  });
  return labMachine({
    name: 'q35-nested',
    description: 'three switches, one below the other, behind one root port',
    functions: [q35HostBridge(), port(1, outer), ...ich9()],
    dumpTarget: '0000:03:00.0',
  });
}

/** No port at all: nothing here can be reset from a bridge. */
export function q35RootComplex(): Machine {
  return labMachine({
    name: 'q35-root-complex',
    description: 'devices on the root complex only',
    functions: [
      q35HostBridge(),
      e1000e({ device: 2, integrated: true, serial: 1 }),
      e1000e({ device: 3, integrated: true, serial: 2 }),
      hdAudio({ device: 4, revision: 1 }),
      hdAudio({ device: 0x1b, deviceId: 0x293e, revision: 3 }),
      uhci(),
      ...ich9(),
    ],
    dumpTarget: '0000:00:02.0',
  });
}

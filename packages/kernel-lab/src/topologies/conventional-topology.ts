import {
  e1000e,
  type FunctionPlan,
  hdAudio,
  i82801b11Bridge,
  ich9,
  type Machine,
  pciBridge,
  pciePciBridge,
  q35HostBridge,
  q35RootPort,
} from '@quiesce/machine';
import { labMachine } from './lab-machine.ts';

const audio = (device: number): FunctionPlan => hdAudio({ device, revision: 1 });

/**
 * Devices whose requests do not carry their own requester ID: two share that of a PCIe-to-PCI bridge's secondary bus, two
 * that of the chipset's bridge, one of them by way of another bridge.
 */
export function q35Conventional(): Machine {
  return labMachine({
    name: 'q35-conventional',
    description:
      'conventional PCI behind a PCIe-to-PCI bridge and behind the chipset, a root port beside them',
    functions: [
      q35HostBridge(),
      q35RootPort({ device: 1, below: [e1000e({ serial: 1 })] }),
      q35RootPort({ device: 2, below: [pciePciBridge({ device: 0, below: [audio(1), audio(2)] })] }),
      i82801b11Bridge({
        device: 0x1e,
        below: [audio(1), pciBridge({ device: 2, chassis: 3, below: [audio(3)] })],
      }),
      ...ich9(),
    ],
    dumpTarget: '0000:01:00.0',
  });
}

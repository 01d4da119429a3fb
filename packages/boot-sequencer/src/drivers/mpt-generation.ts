import { messagePassingFamily } from '@quiesce/machine';
import { MptVersion } from '@quiesce/pcie-model';
import { PCI } from '../pci/registers.ts';
import type { DriverDevice, DriverHost } from './driver-host.ts';

/** How mpt3sas speaks to a controller, and calls it: it has one list of IDs for each generation. */
export interface MptGeneration {
  /** MsgVersion of IOCInit. */
  readonly version: number;
  /** `mpt2sas_cm0` */
  readonly name: string;
}

/** The generation of a controller by its device ID; whatever is not known as older has the newer interface. */
export function mptGenerationOf(host: DriverHost, device: DriverDevice): MptGeneration {
  const { place } = device;
  const family = messagePassingFamily({
    vendor: host.configRead(place, PCI.vendorId, 2),
    device: host.configRead(place, PCI.vendorId + 2, 2),
    classCode: Math.floor(host.configRead(place, PCI.classRevision, 4) / 256),
  });
  const isSecond = family?.version === '2.0';
  return {
    version: isSecond ? MptVersion.mpi20 : MptVersion.mpi25,
    name: `mpt${isSecond ? 2 : 3}sas_cm${device.instance ?? 0}`,
  };
}

import { MptVersion } from '@quiesce/pcie-model';
import { PCI } from '../pci/registers.ts';
import type { DriverDevice, DriverHost } from './driver-host.ts';

/** PCI device IDs of vendor 1000 with the interface's version 2.0: SAS2004 to SAS2308 (mpi2_cnfg.h, MPI2_MFGPAGE_DEVID). */
const secondGeneration: ReadonlySet<number> = new Set([
  0x0064, 0x0065, 0x006e, 0x0070, 0x0072, 0x0074, 0x0076, 0x0077, 0x007e, 0x0080, 0x0081, 0x0082, 0x0083,
  0x0084, 0x0085, 0x0086, 0x0087, 0x02b0, 0x02b1,
]);

/** How mpt3sas speaks to a controller, and calls it: it has one list of IDs for each generation. */
export interface MptGeneration {
  /** MsgVersion of IOCInit. */
  readonly version: number;
  /** `mpt2sas_cm0` */
  readonly name: string;
}

/** The generation of a controller by its device ID; whatever is not known as older has the newer interface. */
export function mptGenerationOf(host: DriverHost, device: DriverDevice): MptGeneration {
  const id = host.configRead(device.place, PCI.vendorId + 2, 2);
  const isSecond = secondGeneration.has(id);
  return {
    version: isSecond ? MptVersion.mpi20 : MptVersion.mpi25,
    name: `mpt${isSecond ? 2 : 3}sas_cm${device.instance ?? 0}`,
  };
}

import type { MachineUnit } from '@quiesce/machine';
import type { FaultPrinter } from '../log/fault-printer.ts';
import { AmdRemapping } from './amd-vi/amd-remapping.ts';
import type { KernelRemapping } from './kernel-remapping.ts';
import type { RemappingHost } from './remapping-host.ts';
import { SmmuRemapping } from './smmu-v3/smmu-remapping.ts';
import { VtdRemapping } from './vt-d/vtd-remapping.ts';

type Architecture = MachineUnit['architecture'];

/** The remapping driver that a kernel has for units of an architecture. */
const drivers: Partial<
  Record<Architecture, new (host: RemappingHost, printer: FaultPrinter) => KernelRemapping>
> = {
  'vt-d': VtdRemapping,
  'amd-vi': AmdRemapping,
  'smmu-v3': SmmuRemapping,
};

/** The driver for the machine's units; they are all of one architecture. A machine without units gets that of VT-d. */
export function remappingDriverFor(
  units: readonly MachineUnit[],
  host: RemappingHost,
  printer: FaultPrinter,
): KernelRemapping {
  const Driver = drivers[units[0]?.architecture ?? 'vt-d'] ?? VtdRemapping;
  return new Driver(host, printer);
}

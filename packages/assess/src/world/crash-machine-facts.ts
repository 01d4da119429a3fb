import type { HostFacts, Machine } from '@quiesce/machine';
import { CapabilityId, ExtendedCapabilityId, PortType } from '@quiesce/pcie-model';
import type { CrashMachineFacts } from '../command-line/command-line-finding.ts';
import { MachineView, type ViewedFunction } from '../functions/machine-view.ts';

const portTypes: readonly (number | undefined)[] = [PortType.rootPort, PortType.downstreamPort];

/** What of a machine the linter of command lines wants to know. Virtual functions are gone until a driver enables them. */
export function crashMachineFacts(
  machine: Machine,
  host: Pick<HostFacts, 'drivers'>,
  scalable: boolean,
): CrashMachineFacts {
  const { functions } = new MachineView(machine);
  const physical = functions.filter(({ described }) => described.physicalFunction === undefined);
  const messages = physical.map(messagesOf);
  const ports = physical.filter((one) => portTypes.includes(one.config.expressType) && messagesOf(one) > 0);
  const drivers = Object.values(host.drivers).map(({ value }) => value);
  return {
    interruptFunctions: messages.filter((count) => count > 0).length,
    messages: messages.reduce((sum, count) => sum + count, 0),
    ports: ports.length,
    containingPorts: ports.filter(({ config }) =>
      [ExtendedCapabilityId.advancedErrorReporting, ExtendedCapabilityId.downstreamPortContainment].some(
        (id) => config.extendedCapability(id) !== 0,
      ),
    ).length,
    ...(machine.processors === undefined ? {} : { processors: machine.processors }),
    scalable,
    drivers: [...new Set(drivers)],
  };
}

/** Table Size of MSI-X plus one, else what Multiple Message Capable allows (PCIe 7.7.1.2, 7.7.2.2). */
function messagesOf({ config }: ViewedFunction): number {
  const msix = config.capability(CapabilityId.msix);
  if (msix !== 0) return (config.u16(msix + 2) & 0x7ff) + 1;
  const msi = config.capability(CapabilityId.msi);
  return msi === 0 ? 0 : 1 << Math.min(5, (config.u16(msi + 2) >> 1) & 7);
}

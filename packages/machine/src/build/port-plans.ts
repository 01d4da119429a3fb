import { type CapabilityPlan, msi } from './capability-plan.ts';
import { accessControlServices, advancedErrorReporting } from './extended-capabilities.ts';
import type { BridgePlan, FunctionPlan } from './function-plan.ts';
import { PcieType, pciExpress } from './pci-express-capability.ts';

/** What may be said of a port, all else following from its kind. */
export interface PortOptions extends Omit<BridgePlan, 'below'> {
  readonly device: number;
  readonly fn?: number;
  readonly multifunction?: boolean;
  readonly below?: readonly FunctionPlan[];
  readonly vendorId?: number;
  readonly deviceId?: number;
  readonly label?: string;
  readonly slot?: number;
  readonly speed?: number;
  readonly width?: number;
  /** Root Control of a root port: bits 2:0 make correctable, non-fatal, fatal errors system errors. */
  readonly rootControl?: number;
}

const PCI_TO_PCI_BRIDGE = 0x060400;

/** A root port with a slot, AER and ACS. */
export function rootPort(options: PortOptions): FunctionPlan {
  return port(options, 'Root port', [
    pciExpress({
      type: PcieType.rootPort,
      crsVisibility: true,
      ariForwarding: true,
      speed: options.speed ?? 3,
      width: options.width ?? 8,
      slot: options.slot ?? options.device,
      rootControl: options.rootControl ?? 0,
    }),
    msi(),
    advancedErrorReporting({ root: true }),
    accessControlServices(),
  ]);
}

/** Upstream port of a switch; what is below it stands on the bus inside of the switch. */
export function upstreamPort(options: PortOptions): FunctionPlan {
  return port(options, 'Switch, upstream port', switchCapabilities(options, PcieType.upstreamPort));
}

/** Downstream port of a switch. */
export function downstreamPort(options: PortOptions): FunctionPlan {
  return port(options, 'Switch, downstream port', switchCapabilities(options, PcieType.downstreamPort));
}

/** A switch: its upstream port, and on the bus inside of it the downstream ports. */
export function switchPlan(
  options: Omit<PortOptions, 'below'> & { readonly ports: readonly PortOptions[] },
): FunctionPlan {
  const { ports, ...upstream } = options;
  return upstreamPort({ ...upstream, below: ports.map(downstreamPort) });
}

function switchCapabilities(options: PortOptions, type: 5 | 6): CapabilityPlan[] {
  const downstream = type === PcieType.downstreamPort;
  return [
    pciExpress({
      type,
      speed: options.speed ?? 3,
      width: options.width ?? 8,
      ...(downstream ? { slot: options.slot ?? options.device } : {}),
    }),
    msi(),
    advancedErrorReporting(),
    ...(downstream ? [accessControlServices()] : []),
  ];
}

/** A bridge from PCI Express to a conventional bus. What is below uses its requester ID. */
export function pcieToPciBridge(options: PortOptions): FunctionPlan {
  return port(options, 'PCIe-to-PCI bridge', [
    pciExpress({ type: PcieType.pcieToPciBridge, version: 1 }),
    advancedErrorReporting(),
  ]);
}

function port(options: PortOptions, label: string, capabilities: readonly CapabilityPlan[]): FunctionPlan {
  const { device, fn = 0, multifunction = false, below = [], ...rest } = options;
  const {
    vendorId = 0x1b36,
    deviceId = 0x000c,
    slot: _,
    speed: __,
    width: ___,
    rootControl: ____,
    ...bridge
  } = rest;
  return {
    device,
    fn,
    multifunction,
    vendorId,
    deviceId,
    classCode: PCI_TO_PCI_BRIDGE,
    command: 0x0107,
    interruptPin: 1,
    capabilities,
    driver: { first: true, second: true },
    label: options.label ?? label,
    bridge: { ...bridge, below },
  };
}

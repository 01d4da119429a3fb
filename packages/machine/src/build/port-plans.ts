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

/** A switch: its upstream port, and on the bus inside of it the downstream ports. */
export function switchPlan(
  options: Omit<PortOptions, 'below'> & { readonly ports: readonly PortOptions[] },
): FunctionPlan {
  const { ports, ...upstream } = options;
  const capabilities = (type: 5 | 6, slot: number | undefined): CapabilityPlan[] => [
    pciExpress({
      type,
      speed: upstream.speed ?? 3,
      width: upstream.width ?? 8,
      ...(slot === undefined ? {} : { slot }),
    }),
    msi(),
    advancedErrorReporting(),
    ...(type === PcieType.downstreamPort ? [accessControlServices()] : []),
  ];
  const below = ports.map((one) =>
    port(one, 'Switch, downstream port', capabilities(PcieType.downstreamPort, one.slot ?? one.device)),
  );
  return port(
    { ...upstream, below },
    'Switch, upstream port',
    capabilities(PcieType.upstreamPort, undefined),
  );
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

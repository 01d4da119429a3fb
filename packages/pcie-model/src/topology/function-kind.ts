import type { ConfigSpace } from '../config-space/config-space.ts';
import { PortType } from '../config-space/express-kind.ts';
import { commonHeader } from '../config-space/header-registers.ts';

/** What a function is in the topology. */
export type FunctionKind =
  | 'host-bridge'
  | 'root-port'
  | 'upstream-port'
  | 'downstream-port'
  | 'pcie-to-pci-bridge'
  | 'pci-to-pcie-bridge'
  | 'conventional-bridge'
  | 'endpoint'
  | 'legacy-endpoint'
  | 'rc-integrated-endpoint'
  | 'rc-event-collector'
  | 'conventional'
  | 'virtual-function';

const byPortType: Readonly<Record<number, FunctionKind>> = {
  [PortType.endpoint]: 'endpoint',
  [PortType.legacyEndpoint]: 'legacy-endpoint',
  [PortType.rootPort]: 'root-port',
  [PortType.upstreamPort]: 'upstream-port',
  [PortType.downstreamPort]: 'downstream-port',
  [PortType.toPciBridge]: 'pcie-to-pci-bridge',
  [PortType.fromPciBridge]: 'pci-to-pcie-bridge',
  [PortType.rootComplexIntegrated]: 'rc-integrated-endpoint',
  [PortType.eventCollector]: 'rc-event-collector',
};

const HOST_BRIDGE = 0x0600;

/** Kind of a function, from its Device/Port Type or, without one, its header. */
export function functionKind(config: ConfigSpace, isVirtual: boolean): FunctionKind {
  if (isVirtual) return 'virtual-function';
  const field = commonHeader.field;
  const classCode = config.get(field['BASE_CLASS.CODE']) * 256 + config.get(field['SUB_CLASS.CODE']);
  if (classCode === HOST_BRIDGE && config.headerType === 0) return 'host-bridge';
  const named = config.portType === undefined ? undefined : byPortType[config.portType];
  if (named !== undefined) return named;
  return config.headerType === 1 ? 'conventional-bridge' : 'conventional';
}

/** Ports whose secondary side is a link: one device, number 0, unless ARI. */
export function hasLinkBelow(kind: FunctionKind): boolean {
  return kind === 'root-port' || kind === 'downstream-port' || kind === 'pci-to-pcie-bridge';
}

import { type CapabilityPlan, capabilityBytes } from './capability-plan.ts';

/** Device/Port Type of the PCI Express Capabilities register (PCIe 7.5.3.2). */
export const PcieType = {
  endpoint: 0x0,
  legacyEndpoint: 0x1,
  rootPort: 0x4,
  upstreamPort: 0x5,
  downstreamPort: 0x6,
  pcieToPciBridge: 0x7,
  rcIntegratedEndpoint: 0x9,
  rcEventCollector: 0xa,
} as const;

/** A value of {@link PcieType}. */
export type PcieTypeCode = (typeof PcieType)[keyof typeof PcieType];

/** What differs between PCI Express capabilities. */
export interface PcieCapabilityOptions {
  readonly type: PcieTypeCode;
  readonly offset?: number;
  /** 1 has no Device Capabilities 2 and what follows it. Default 2. */
  readonly version?: 1 | 2;
  /** Function Level Reset capability of an endpoint. */
  readonly functionLevelReset?: boolean;
  /** Physical slot number of a port with a slot. */
  readonly slot?: number;
  /** Generation of the link, 1 (2.5 GT/s) .. 5. */
  readonly speed?: number;
  /** Lanes. */
  readonly width?: number;
  readonly port?: number;
  /** Device Control: error reporting enables are bits 3:0. Default 0xf for ports, 0 for endpoints. */
  readonly deviceControl?: number;
  /** Root Capabilities: the port can make Configuration Request Retry Status visible. */
  readonly crsVisibility?: boolean;
  /** Root Control: which errors become system errors, bits 2:0; CRS visibility enable is bit 4. */
  readonly rootControl?: number;
  /** Device Capabilities 2: ARI Forwarding. */
  readonly ariForwarding?: boolean;
}

/** PCI Express capability (PCIe 7.5.3) of a function whose link, if it has one, is up. */
export function pciExpress(options: PcieCapabilityOptions): CapabilityPlan {
  const { type, version = 2, speed = 1, width = 1 } = options;
  const isPort =
    type === PcieType.rootPort || type === PcieType.upstreamPort || type === PcieType.downstreamPort;
  const hasLink = type !== PcieType.rcIntegratedEndpoint && type !== PcieType.rcEventCollector;
  const reportsLinkActive = type === PcieType.rootPort || type === PcieType.downstreamPort;
  const roleBasedErrors = 0x8000;
  const deviceCapabilities = roleBasedErrors + (options.functionLevelReset === true ? 0x1000_0000 : 0);
  const linkCapabilities =
    speed + width * 0x10 + 0x400 + (reportsLinkActive ? 0x10_0000 : 0) + (options.port ?? 0) * 0x100_0000;
  const linkStatus = speed + width * 0x10 + (reportsLinkActive ? 0x2000 : 0);
  const values16: [number, number][] = [
    [2, version | (type << 4) | (options.slot === undefined ? 0 : 0x100)],
    [0x08, options.deviceControl ?? (isPort ? 0xf : 0)],
  ];
  const values32: [number, number][] = [[0x04, deviceCapabilities]];
  if (hasLink) {
    values32.push([0x0c, linkCapabilities]);
    values16.push([0x12, linkStatus]);
  }
  if (options.slot !== undefined) {
    // Attention button, power controller and indicators, hot-plug surprise and capable; power is on.
    values32.push([0x14, 0x7b + options.slot * 0x8_0000]);
    values16.push([0x18, 0x1c0], [0x1a, 0x40]);
  }
  if (version === 1)
    return plan(options.offset, type === PcieType.rootPort ? 0x24 : 0x14, values16, values32);
  if (type === PcieType.rootPort) {
    values16.push([0x1c, options.rootControl ?? 0], [0x1e, options.crsVisibility === true ? 1 : 0]);
  }
  if (options.ariForwarding === true) values32.push([0x24, 0x20]);
  if (hasLink) {
    values32.push([0x2c, (2 ** speed - 1) * 2]);
    values16.push([0x30, speed]);
  }
  return plan(options.offset, 0x3c, values16, values32);
}

function plan(
  offset: number | undefined,
  size: number,
  values16: [number, number][],
  values32: [number, number][],
): CapabilityPlan {
  const inside = <T extends readonly [number, number]>(value: T): boolean => value[0] < size;
  const bytes = capabilityBytes(size, values16.filter(inside), values32.filter(inside));
  return { id: 0x10, extended: false, version: 0, offset, bytes };
}

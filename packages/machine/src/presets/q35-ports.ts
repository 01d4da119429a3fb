import { bridgeSubsystem, type CapabilityPlan, msi, msix } from '../build/capability-plan.ts';
import { accessControlServices, advancedErrorReporting } from '../build/extended-capabilities.ts';
import type { FunctionPlan, WindowPlan } from '../build/function-plan.ts';
import { PcieType, pciExpress } from '../build/pci-express-capability.ts';
import { COMMAND_WITH_MSI, driven, ONE_LANE, PREFIXES } from './q35-registers.ts';

/** What may be said of a port; addresses and buses that are not given are the firmware's. */
export interface Q35PortOptions {
  readonly device: number;
  readonly below: readonly FunctionPlan[];
  /** Physical slot number; default the device number. */
  readonly slot?: number;
  /** I/O window, where a kernel opened another one than firmware did. */
  readonly io?: WindowPlan;
  /**
   * The port itself says that a device is present and its link active: so below an expander. Ports of bus 0 and below are
   * hot-plugged by ACPI, and say neither. Default false.
   */
  readonly nativeHotPlug?: boolean;
}

/** AER Capabilities and Control: multiple headers can be recorded. */
const MULTIPLE_HEADERS = { 280: 0x2a0 } as const;
/** The largest link of a root port, shown as long as nothing of PCI Express is below it. */
const LARGEST_LINK = 0x0204_0000;
/** Slot Capabilities but for the number: attention button, power controller, indicators, hot-plug, interlock. */
const SLOT = 0x2_007b;
const SLOT_POWERED = 0x1c0;
/** Link Status and Slot Status. */
const LINK_ACTIVE = 0x2000_0000;
const PRESENT = 0x40_0000;
/** Device Capabilities 2. */
const ARI_FORWARDING = 0x20;

/** QEMU's pcie-root-port. */
export function q35RootPort(options: Q35PortOptions): FunctionPlan {
  const { device, below, slot = device, io, nativeHotPlug = false } = options;
  return {
    device,
    vendorId: 0x1b36,
    deviceId: 0x000c,
    classCode: 0x060400,
    command: COMMAND_WITH_MSI,
    interruptPin: 1,
    bars: [{ kind: 'memory', size: 0x1000 }],
    capabilities: [
      pciExpress({ type: PcieType.rootPort, offset: 0x54, slot, speed: 4, width: 32 }),
      msix({ offset: 0x48, vectors: 1, bar: 0, pendingOffset: 0x800 }),
      bridgeSubsystem(0x1b36, 0, 0x40),
      advancedErrorReporting({ offset: 0x100, root: true }),
      accessControlServices({ offset: 0x148 }),
    ],
    dwords: {
      // Link Capabilities: 16 GT/s, 32 lanes, bandwidth notification, active reporting.
      96: 0x30_0604,
      100: (below.some(isExpress) ? ONE_LANE : LARGEST_LINK) + (nativeHotPlug ? LINK_ACTIVE : 0),
      104: SLOT + slot * 0x8_0000,
      108: SLOT_POWERED + (nativeHotPlug ? PRESENT : 0),
      120: PREFIXES + ARI_FORWARDING,
      ...MULTIPLE_HEADERS,
    },
    driver: driven,
    bridge: { below, ...(io === undefined ? {} : { io }) },
    label: 'QEMU PCIe Root port',
  };
}

function isExpress(plan: FunctionPlan): boolean {
  return plan.capabilities?.some((one) => one.id === 0x10 && !one.extended) ?? false;
}

/** QEMU's x3130-upstream: the upstream port of the TI XIO3130 switch. */
export function xio3130Upstream(options: {
  readonly below: readonly FunctionPlan[];
  readonly device?: number;
}): FunctionPlan {
  return {
    ...xio3130(options.device ?? 0, pciExpress({ type: PcieType.upstreamPort, offset: 0x90 }), options.below),
    deviceId: 0x8232,
    revision: 2,
    dwords: {
      148: RESETTABLE,
      160: ONE_LANE,
      180: PREFIXES,
      ...NO_SECOND_LINK_REGISTERS,
      ...MULTIPLE_HEADERS,
    },
    label: 'XIO3130 PCI Express Switch (Upstream)',
  };
}

/** QEMU's xio3130-downstream: a downstream port of the TI XIO3130 switch. */
export function xio3130Downstream(options: Q35PortOptions): FunctionPlan {
  const { device, below, slot = device } = options;
  return {
    ...xio3130(device, pciExpress({ type: PcieType.downstreamPort, offset: 0x90, slot }), below),
    deviceId: 0x8233,
    revision: 1,
    dwords: {
      148: RESETTABLE,
      // Link Capabilities name neither a speed nor a width.
      156: 0x400,
      160: ONE_LANE,
      164: SLOT + slot * 0x8_0000,
      168: SLOT_POWERED,
      180: PREFIXES + ARI_FORWARDING,
      ...NO_SECOND_LINK_REGISTERS,
      ...MULTIPLE_HEADERS,
    },
    label: 'XIO3130 PCI Express Switch (Downstream)',
  };
}

/** Device Capabilities: role-based errors; and Function Level Reset, which ports do not have (PCIe 7.5.3.3). */
const RESETTABLE = 0x1000_8000;
/** Link Capabilities 2 and Link Control 2 of the XIO3130's capability, which has version 2. */
const NO_SECOND_LINK_REGISTERS = { 188: 0, 192: 0 } as const;

function xio3130(
  device: number,
  express: CapabilityPlan,
  below: readonly FunctionPlan[],
): Omit<FunctionPlan, 'deviceId'> {
  return {
    device,
    vendorId: 0x104c,
    classCode: 0x060400,
    command: COMMAND_WITH_MSI,
    interruptPin: 0,
    capabilities: [
      express,
      bridgeSubsystem(0, 0, 0x80),
      msi({ offset: 0x70 }),
      advancedErrorReporting({ offset: 0x100 }),
    ],
    driver: driven,
    bridge: { below },
  };
}

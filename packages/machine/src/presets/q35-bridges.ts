import {
  bridgeSubsystem,
  type CapabilityPlan,
  msi,
  opaqueCapability,
  powerManagement,
} from '../build/capability-plan.ts';
import { advancedErrorReporting } from '../build/extended-capabilities.ts';
import type { FunctionPlan } from '../build/function-plan.ts';
import { PcieType, pciExpress } from '../build/pci-express-capability.ts';
import { COMMAND_WITH_MSI, driven } from './q35-registers.ts';

/** What may be said of a bridge to conventional PCI. */
export interface Q35BridgeOptions {
  readonly device: number;
  readonly below: readonly FunctionPlan[];
}

/** Status and Command: 66 MHz, fast back-to-back, capabilities. */
const CONVENTIONAL_STATUS = 0xb0_0000;
/** Secondary Status, low byte: 66 MHz, fast back-to-back. */
const SECONDARY_STATUS = { 30: 0xa0 } as const;
const STANDARD_HOT_PLUG = 0x0c;
const SLOT_IDENTIFICATION = 0x04;
/** Device Capabilities 2: ARI forwarding, end-end TLP prefixes. */
const CAPABILITIES_2 = 0x30_0020;

function hotPlug(): CapabilityPlan {
  return opaqueCapability(STANDARD_HOT_PLUG, [0, 0, 0, 0, 0, 0], 0x40);
}

/** QEMU's pcie-pci-bridge: requests from below carry its secondary bus number and devfn 0. */
export function pciePciBridge(options: Q35BridgeOptions): FunctionPlan {
  return {
    device: options.device,
    vendorId: 0x1b36,
    deviceId: 0x000e,
    classCode: 0x060400,
    interruptPin: 1,
    bars: [{ kind: 'memory64', size: 0x100 }],
    capabilities: [
      msi({ offset: 0x8c, maskable: true }),
      powerManagement({ offset: 0x84 }),
      pciExpress({ type: PcieType.pcieToPciBridge, offset: 0x48 }),
      hotPlug(),
      advancedErrorReporting({ offset: 0x100 }),
    ],
    extraBytes: SECONDARY_STATUS,
    dwords: { 4: CONVENTIONAL_STATUS + COMMAND_WITH_MSI, 108: CAPABILITIES_2, 116: 0, 120: 0 },
    driver: driven,
    bridge: { below: options.below },
    label: 'QEMU PCIe-to-PCI bridge',
  };
}

/** QEMU's i82801b11-bridge, the chipset's own bridge to conventional PCI: requests from below carry its requester ID. */
export function i82801b11Bridge(options: Q35BridgeOptions): FunctionPlan {
  return {
    device: options.device,
    vendorId: 0x8086,
    deviceId: 0x244e,
    classCode: 0x060401,
    revision: 0x92,
    interruptPin: 0,
    capabilities: [bridgeSubsystem(0, 0, 0x50)],
    extraBytes: SECONDARY_STATUS,
    dwords: { 4: CONVENTIONAL_STATUS + 0x0107 },
    driver: driven,
    bridge: { below: options.below },
    label: '82801 PCI Bridge',
  };
}

/** QEMU's pci-bridge, for a second bus behind one of conventional PCI; `chassis` is 1 .. 255. */
export function pciBridge(options: Q35BridgeOptions & { readonly chassis: number }): FunctionPlan {
  // Expansion slot register: first in its chassis, no slots.
  const slots = opaqueCapability(SLOT_IDENTIFICATION, [0x20, options.chassis], 0x48);
  return {
    device: options.device,
    vendorId: 0x1b36,
    deviceId: 0x0001,
    classCode: 0x060400,
    interruptPin: 1,
    bars: [{ kind: 'memory64', size: 0x100 }],
    capabilities: [msi({ offset: 0x4c, maskable: true }), slots, hotPlug()],
    extraBytes: SECONDARY_STATUS,
    dwords: { 4: CONVENTIONAL_STATUS + COMMAND_WITH_MSI },
    driver: driven,
    bridge: { below: options.below },
    label: 'QEMU PCI-PCI bridge',
  };
}

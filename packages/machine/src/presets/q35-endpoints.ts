import { msi, msix, powerManagement } from '../build/capability-plan.ts';
import { endpointOf } from '../build/endpoint-kinds.ts';
import { advancedErrorReporting, deviceSerialNumber } from '../build/extended-capabilities.ts';
import type { FunctionPlan } from '../build/function-plan.ts';
import { PcieType, pciExpress } from '../build/pci-express-capability.ts';
import { COMMAND_WITH_MSI, driven, emulated, ONE_LANE, PREFIXES } from './q35-registers.ts';

/** The e1000e network card, behind a port or, as the emulator allows, on the root complex. */
export function e1000e(options: {
  readonly device?: number;
  readonly integrated?: boolean;
  readonly fn?: number;
  readonly multifunction?: boolean;
  /** Last byte of the network address 52:54:00:00:00:00. */
  readonly serial: number;
}): FunctionPlan {
  return {
    device: options.device ?? 0,
    fn: options.fn ?? 0,
    multifunction: options.multifunction ?? false,
    vendorId: 0x8086,
    deviceId: 0x10d3,
    classCode: 0x020000,
    subsystem: { vendor: 0x8086, id: 0 },
    command: COMMAND_WITH_MSI,
    bars: [
      { kind: 'memory', size: 0x2_0000 },
      { kind: 'memory', size: 0x2_0000 },
      { kind: 'io', size: 0x20 },
      { kind: 'memory', size: 0x4000 },
    ],
    capabilities: [
      powerManagement({ offset: 0xc8, version: 2 }),
      msi({ offset: 0xd0 }),
      pciExpress({
        type: options.integrated === true ? PcieType.rcIntegratedEndpoint : PcieType.endpoint,
        version: 1,
        offset: 0xe0,
      }),
      msix({ offset: 0xa0, vectors: 5, bar: 3, pendingOffset: 0x2000 }),
      advancedErrorReporting({ offset: 0x100 }),
      deviceSerialNumber(0xff00_0000 + options.serial, 0x5254_00ff, 0x140),
    ],
    dwords: {
      // Power Management Capabilities: device-specific initialisation.
      200: 0x22_d001,
      // An integrated endpoint has no link (PCIe 7.5.3.6); this one shows one.
      236: 0x411,
      240: ONE_LANE,
    },
    rom: { size: 0x4_0000 },
    endpoint: endpointOf('network-ring', { interrupt: 'msi-x' }),
    driver: driven,
    label: '82574L Gigabit Network Connection',
  };
}

/** An HD audio controller that records; it is a conventional device even behind a port. */
export function hdAudio(options: {
  readonly device?: number;
  readonly deviceId?: number;
  readonly revision: number;
  readonly multifunction?: boolean;
}): FunctionPlan {
  return {
    device: options.device ?? 0,
    multifunction: options.multifunction ?? false,
    vendorId: 0x8086,
    deviceId: options.deviceId ?? 0x2668,
    classCode: 0x040300,
    revision: options.revision,
    subsystem: emulated,
    command: COMMAND_WITH_MSI,
    bars: [{ kind: 'memory', size: 0x4000 }],
    capabilities: [msi({ offset: 0x60 })],
    extraBytes: { 64: 1 },
    endpoint: endpointOf('cyclic-stream'),
    driver: driven,
    label: 'High Definition Audio Controller',
  };
}

/** QEMU's NVMe controller. */
export function nvme(): FunctionPlan {
  return {
    device: 0,
    vendorId: 0x1b36,
    deviceId: 0x0010,
    classCode: 0x010802,
    revision: 2,
    subsystem: emulated,
    command: COMMAND_WITH_MSI,
    bars: [{ kind: 'memory64', size: 0x4000 }],
    capabilities: [
      msix({ offset: 0x40, vectors: 65, bar: 0, tableOffset: 0x2000, pendingOffset: 0x3000 }),
      pciExpress({ type: PcieType.endpoint, offset: 0x80, functionLevelReset: true }),
      powerManagement({ offset: 0x60, noSoftReset: true }),
    ],
    dwords: { 164: PREFIXES, 172: 0, 176: 0 },
    endpoint: endpointOf('nvme', { interrupt: 'msi-x' }),
    driver: driven,
    label: 'QEMU NVM Express Controller',
  };
}

/** The first UHCI controller of ICH9, with a pointing device that its driver polls. */
export function uhci(device = 0x1d): FunctionPlan {
  return {
    device,
    vendorId: 0x8086,
    deviceId: 0x2934,
    classCode: 0x0c0300,
    revision: 3,
    subsystem: emulated,
    bars: [undefined, undefined, undefined, undefined, { kind: 'io', size: 0x20 }],
    // USB release number, and the legacy support register that the USB hand-off writes.
    extraBytes: { 96: 0x10, 193: 0x20 },
    dwords: { 104: 0x1_0000 },
    endpoint: endpointOf('uhci', { interrupt: 'intx' }),
    driver: driven,
    label: '82801I (ICH9 Family) USB UHCI Controller #1',
  };
}

import { bridgeSubsystem, msi, msix, powerManagement } from '../build/capability-plan.ts';
import { endpointOf } from '../build/endpoint-kinds.ts';
import {
  accessControlServices,
  advancedErrorReporting,
  deviceSerialNumber,
} from '../build/extended-capabilities.ts';
import type { FunctionPlan, WindowPlan } from '../build/function-plan.ts';
import { PcieType, pciExpress } from '../build/pci-express-capability.ts';

/** Both ends of a window, from its base and its size in MiB. */
function mebibytes(base: number, size: number): WindowPlan {
  return { base, limit: base + size * 0x10_0000 - 1 };
}

/** INTx is disabled where the first kernel uses MSI or MSI-X. */
const COMMAND_WITH_MSI = 0x0507;
const emulated = { vendor: 0x1af4, id: 0x1100 };
const driven = { first: true, second: true };
const undriven = { first: false, second: false };

interface BridgeWindows {
  readonly io: WindowPlan | null;
  /** Base and MiB. */
  readonly memory: readonly [base: number, size: number];
  readonly prefetchable: readonly [base: number, size: number];
}

/** QEMU's pcie-root-port. */
export function q35RootPort(
  options: {
    readonly device: number;
    readonly bar: number;
    readonly secondary: number;
    readonly subordinate: number;
    readonly below: readonly FunctionPlan[];
  } & BridgeWindows,
): FunctionPlan {
  return {
    device: options.device,
    vendorId: 0x1b36,
    deviceId: 0x000c,
    classCode: 0x060400,
    command: COMMAND_WITH_MSI,
    interruptPin: 1,
    bars: [{ kind: 'memory', size: 0x1000, address: options.bar }],
    capabilities: [
      pciExpress({
        type: PcieType.rootPort,
        offset: 0x54,
        slot: options.device,
        speed: 4,
        width: 32,
        ariForwarding: true,
      }),
      msix({ offset: 0x48, vectors: 1, bar: 0, pendingOffset: 0x800 }),
      bridgeSubsystem(0x1b36, 0, 0x40),
      advancedErrorReporting({ offset: 0x100, root: true }),
      accessControlServices({ offset: 0x148 }),
    ],
    driver: driven,
    bridge: {
      below: options.below,
      secondary: options.secondary,
      subordinate: options.subordinate,
      io: options.io,
      memory: mebibytes(...options.memory),
      prefetchable: mebibytes(...options.prefetchable),
    },
    label: 'QEMU PCIe Root port',
  };
}

/** A port of the TI XIO3130 switch. */
export function xio3130(
  options: {
    readonly kind: 'upstream' | 'downstream';
    readonly device: number;
    readonly slot?: number;
    readonly secondary: number;
    readonly subordinate: number;
    readonly below: readonly FunctionPlan[];
  } & BridgeWindows,
): FunctionPlan {
  const upstream = options.kind === 'upstream';
  return {
    device: options.device,
    vendorId: 0x104c,
    deviceId: upstream ? 0x8232 : 0x8233,
    classCode: 0x060400,
    revision: upstream ? 2 : 1,
    command: COMMAND_WITH_MSI,
    interruptPin: 0,
    capabilities: [
      pciExpress({
        type: upstream ? PcieType.upstreamPort : PcieType.downstreamPort,
        offset: 0x90,
        ...(options.slot === undefined ? {} : { slot: options.slot }),
      }),
      bridgeSubsystem(0, 0, 0x80),
      msi({ offset: 0x70 }),
      advancedErrorReporting({ offset: 0x100 }),
    ],
    driver: driven,
    bridge: {
      below: options.below,
      secondary: options.secondary,
      subordinate: options.subordinate,
      io: options.io,
      memory: mebibytes(...options.memory),
      prefetchable: mebibytes(...options.prefetchable),
    },
    label: `XIO3130 PCI Express Switch (${upstream ? 'Upstream' : 'Downstream'})`,
  };
}

/** The e1000e network card, behind a port or, as the emulator allows, on the root complex. */
export function e1000e(options: {
  readonly device?: number;
  readonly integrated?: boolean;
  readonly fn?: number;
  readonly multifunction?: boolean;
  /** Placed by the builder if absent. */
  readonly bars?: readonly [number, number, number, number];
  readonly serial: number;
}): FunctionPlan {
  const [registers, flash, io, table] = options.bars ?? [];
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
      { kind: 'memory', size: 0x2_0000, address: registers },
      { kind: 'memory', size: 0x2_0000, address: flash },
      { kind: 'io', size: 0x20, address: io },
      { kind: 'memory', size: 0x4000, address: table },
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
  /** Placed by the builder if absent. */
  readonly bar?: number;
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
    bars: [{ kind: 'memory', size: 0x4000, address: options.bar }],
    capabilities: [msi({ offset: 0x60 })],
    extraBytes: { 64: 1 },
    endpoint: endpointOf('cyclic-stream'),
    driver: driven,
    label: 'High Definition Audio Controller',
  };
}

export function nvme(bar: number): FunctionPlan {
  return {
    device: 0,
    vendorId: 0x1b36,
    deviceId: 0x0010,
    classCode: 0x010802,
    revision: 2,
    subsystem: emulated,
    command: COMMAND_WITH_MSI,
    bars: [{ kind: 'memory64', size: 0x4000, address: bar }],
    capabilities: [
      msix({ offset: 0x40, vectors: 65, bar: 0, tableOffset: 0x2000, pendingOffset: 0x3000 }),
      pciExpress({ type: PcieType.endpoint, offset: 0x80, functionLevelReset: true }),
      powerManagement({ offset: 0x60, noSoftReset: true }),
    ],
    endpoint: endpointOf('nvme', { interrupt: 'msi-x' }),
    driver: driven,
    label: 'QEMU NVM Express Controller',
  };
}

/** What the chipset itself has on bus 0, without its audio controller. */
export function ich9(): FunctionPlan[] {
  const intel = { vendorId: 0x8086, subsystem: emulated } as const;
  const uhciPorts = { kind: 'io', size: 0x20, address: 0xe060 } as const;
  const sataPorts = { kind: 'io', size: 0x20, address: 0xe080 } as const;
  const none = undefined;
  return [
    {
      ...intel,
      device: 0x1d,
      deviceId: 0x2934,
      classCode: 0x0c0300,
      revision: 3,
      bars: [none, none, none, none, uhciPorts],
      // USB release number, and the legacy support register that the USB hand-off writes.
      extraBytes: { 96: 0x10, 193: 0x20 },
      endpoint: endpointOf('uhci', { interrupt: 'intx' }),
      driver: driven,
      label: '82801I (ICH9 Family) USB UHCI Controller #1',
    },
    {
      ...intel,
      device: 0x1f,
      deviceId: 0x2918,
      classCode: 0x060100,
      revision: 2,
      multifunction: true,
      command: 0x0103,
      interruptPin: 0,
      label: '82801IB (ICH9) LPC Interface Controller',
    },
    {
      ...intel,
      device: 0x1f,
      fn: 2,
      deviceId: 0x2922,
      classCode: 0x010601,
      revision: 2,
      multifunction: true,
      bars: [none, none, none, none, sataPorts, { kind: 'memory', size: 0x1000, address: 0xfe08_b000 }],
      capabilities: [
        msi({ offset: 0x80 }),
        { id: 0x12, extended: false, version: 0, offset: 0xa8, bytes: sataCapability },
      ],
      // Nothing is connected to its ports, and no driver was loaded in either kernel.
      endpoint: endpointOf('ahci'),
      driver: undriven,
      label: '82801IR/IO/IH (ICH9R/DO/DH) 6 port SATA Controller [AHCI mode]',
    },
    {
      ...intel,
      device: 0x1f,
      fn: 3,
      deviceId: 0x2930,
      classCode: 0x0c0500,
      revision: 2,
      multifunction: true,
      command: 0x0103,
      bars: [none, none, none, none, { kind: 'io', size: 0x40, address: 0x0700 }],
      label: '82801I (ICH9 Family) SMBus Controller',
    },
  ];
}

const sataCapability: Uint8Array = Uint8Array.from([0, 0, 0x10, 0, 0x48, 0, 0, 0]);

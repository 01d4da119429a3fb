import type { EndpointTraits } from '@quiesce/pcie-model';
import { msi, msix, powerManagement } from '../build/capability-plan.ts';
import { endpointOf, OWN_FRAME_BUFFER } from '../build/endpoint-kinds.ts';
import { addressTranslationServices, advancedErrorReporting } from '../build/extended-capabilities.ts';
import type { FunctionPlan } from '../build/function-plan.ts';
import { PcieType, pciExpress } from '../build/pci-express-capability.ts';

/** Where a device stands and how it differs from others of its kind. */
export interface DeviceOptions {
  readonly device?: number;
  readonly fn?: number;
  readonly multifunction?: boolean;
  readonly traits?: Partial<EndpointTraits>;
}

/** Error reporting of a server: all of correctable, non-fatal, fatal and unsupported request. */
const REPORT_ALL = 0xf;

function place(options: DeviceOptions): Pick<FunctionPlan, 'device' | 'fn' | 'multifunction'> {
  return {
    device: options.device ?? 0,
    fn: options.fn ?? 0,
    multifunction: options.multifunction ?? false,
  };
}

/** A gigabit network card with a receive ring. */
export function networkCard(options: DeviceOptions = {}): FunctionPlan {
  const ats = options.traits?.usesAts === true;
  return {
    ...place(options),
    vendorId: 0x8086,
    deviceId: 0x10d3,
    classCode: 0x020000,
    bars: [
      { kind: 'memory', size: 0x2_0000 },
      undefined,
      { kind: 'io', size: 0x20 },
      { kind: 'memory', size: 0x4000 },
    ],
    capabilities: [
      powerManagement(),
      msi(),
      pciExpress({ type: PcieType.endpoint, functionLevelReset: true, deviceControl: REPORT_ALL }),
      msix({ vectors: 5, bar: 3, pendingOffset: 0x2000 }),
      advancedErrorReporting(),
      ...(ats ? [addressTranslationServices()] : []),
    ],
    endpoint: endpointOf('network-ring', { interrupt: 'msi-x', readyAfterResetMs: 20, ...options.traits }),
    driver: { first: true, second: true },
    label: 'Gigabit Network Connection',
  };
}

/** A SATA controller on a card, which takes a while after a reset. */
export function sataCard(options: DeviceOptions = {}): FunctionPlan {
  const none = undefined;
  return {
    ...place(options),
    vendorId: 0x1b4b,
    deviceId: 0x9230,
    classCode: 0x010601,
    bars: [none, none, none, none, none, { kind: 'memory', size: 0x800 }],
    capabilities: [
      powerManagement({ noSoftReset: true }),
      msi(),
      pciExpress({ type: PcieType.legacyEndpoint, deviceControl: REPORT_ALL }),
      advancedErrorReporting(),
    ],
    endpoint: endpointOf('ahci', { readyAfterResetMs: 300, ...options.traits }),
    driver: { first: true, second: true },
    label: 'SATA 6Gb/s Controller',
  };
}

/** The chipset's own SATA controller, which no port can reset. */
export function chipsetSata(options: DeviceOptions & { readonly deviceId: number }): FunctionPlan {
  const none = undefined;
  return {
    ...place(options),
    vendorId: 0x8086,
    deviceId: options.deviceId,
    classCode: 0x010601,
    bars: [none, none, none, none, { kind: 'io', size: 0x20 }, { kind: 'memory', size: 0x800 }],
    capabilities: [msi(), powerManagement()],
    endpoint: endpointOf('ahci', options.traits),
    driver: { first: true, second: true },
    label: '6-Port SATA AHCI Controller',
  };
}

/** An audio controller that records for ever. */
export function captureCard(
  options: DeviceOptions & { readonly conventional?: boolean; readonly deviceId?: number } = {},
): FunctionPlan {
  return {
    ...place(options),
    vendorId: 0x8086,
    deviceId: options.deviceId ?? 0x2668,
    classCode: 0x040300,
    bars: [{ kind: 'memory', size: 0x4000 }],
    capabilities: [
      powerManagement(),
      msi(),
      ...(options.conventional === true
        ? []
        : [pciExpress({ type: PcieType.endpoint, deviceControl: REPORT_ALL }), advancedErrorReporting()]),
    ],
    endpoint: endpointOf('cyclic-stream', options.traits),
    driver: { first: true, second: true },
    label: 'High Definition Audio Controller',
  };
}

/** An NVMe drive. */
export function nvmeDrive(options: DeviceOptions = {}): FunctionPlan {
  return {
    ...place(options),
    vendorId: 0x1b36,
    deviceId: 0x0010,
    classCode: 0x010802,
    bars: [{ kind: 'memory64', size: 0x4000 }],
    capabilities: [
      powerManagement({ noSoftReset: true }),
      msix({ vectors: 17, bar: 0, tableOffset: 0x2000, pendingOffset: 0x3000 }),
      pciExpress({ type: PcieType.endpoint, functionLevelReset: true, deviceControl: REPORT_ALL, speed: 4 }),
      advancedErrorReporting(),
    ],
    endpoint: endpointOf('nvme', { interrupt: 'msi-x', readyAfterResetMs: 50, ...options.traits }),
    driver: { first: true, second: true },
    label: 'Non-Volatile memory controller',
  };
}

/** A VGA card with its own frame buffer. The second kernel has no driver for it. */
export function vgaCard(options: DeviceOptions = {}): FunctionPlan {
  return {
    ...place(options),
    vendorId: 0x102b,
    deviceId: 0x0522,
    classCode: 0x030000,
    bars: [
      { kind: 'memory', size: 0x100_0000 },
      { kind: 'memory', size: 0x4000 },
    ],
    capabilities: [
      powerManagement(),
      pciExpress({ type: PcieType.legacyEndpoint, deviceControl: REPORT_ALL }),
    ],
    endpoint: endpointOf(
      'scan-out',
      { interrupt: 'none', ...options.traits },
      { ratePerSecond: OWN_FRAME_BUFFER },
    ),
    driver: { first: true, second: false },
    label: 'VGA compatible controller',
  };
}

/** A host bridge or other function of the chipset that does no DMA. */
export function chipsetFunction(
  options: DeviceOptions & { readonly deviceId: number; readonly classCode: number; readonly label: string },
): FunctionPlan {
  return {
    ...place(options),
    vendorId: 0x8086,
    deviceId: options.deviceId,
    classCode: options.classCode,
    interruptPin: 0,
    label: options.label,
  };
}

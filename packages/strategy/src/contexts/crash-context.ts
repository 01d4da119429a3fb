import type { MmconfigAccess, Type1ConfigAccess } from '../services/config-access.ts';
import type { DeviceList } from '../services/pci-device.ts';
import type { RemappingUnitHandle } from '../services/remapping-unit-handle.ts';
import type { PhaseContext } from './phase-context.ts';

/**
 * The crash path of the first kernel or hypervisor: everything it had is there, and may be broken.
 * There is no allocator: the crashing kernel's state cannot be trusted.
 */
export interface CrashContext<Options = unknown> extends PhaseContext<Options> {
  readonly phase: 'crash';
  readonly type1: Type1ConfigAccess;
  readonly mmconfig: MmconfigAccess;
  /** The crashing kernel's own device list. */
  readonly devices: DeviceList;
  readonly units: readonly RemappingUnitHandle[];
}

/**
 * In place of what the crash path does to the remapping units. `kernel.shutdown()` does what this kernel or
 * hypervisor does by itself: nothing on Linux; translation and interrupt remapping off on Xen before 4.13.
 */
export interface IommuCrashShutdownContext<Options = unknown> extends PhaseContext<Options> {
  readonly phase: 'crash';
  readonly type1: Type1ConfigAccess;
  readonly mmconfig: MmconfigAccess;
  readonly devices: DeviceList;
  readonly units: readonly RemappingUnitHandle[];
  readonly kernel: { shutdown(): void };
}

import type { InitcallLevel } from '../phases.ts';
import type { MmconfigAccess, Type1ConfigAccess } from '../services/config-access.ts';
import type { FirmwareServices } from '../services/firmware-services.ts';
import type { DeviceList } from '../services/pci-device.ts';
import type { OwnedMemory, PageAllocator } from '../services/physical-pages.ts';
import type { PhaseContext } from './phase-context.ts';

interface EveryInitcall<Options> extends PhaseContext<Options> {
  readonly type1: Type1ConfigAccess;
  readonly pages: PageAllocator;
  readonly memory: OwnedMemory;
  readonly firmware: FirmwareServices;
}

/** From `subsys` on: MMCONFIG is up (arch) and enumeration has run (acpi_init). */
interface AfterEnumeration<Options> extends EveryInitcall<Options> {
  readonly mmconfig: MmconfigAccess;
  readonly devices: DeviceList;
}

/** A strategy's initcalls run after the kernel's own of the same level. */
export type InitcallContext<Level extends InitcallLevel, Options = unknown> = Level extends
  | 'pure'
  | 'core'
  | 'postcore'
  ? EveryInitcall<Options>
  : Level extends 'arch'
    ? EveryInitcall<Options> & { readonly mmconfig: MmconfigAccess }
    : AfterEnumeration<Options>;

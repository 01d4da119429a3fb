import type { Type1ConfigAccess } from '../services/config-access.ts';
import type { FirmwareServices } from '../services/firmware-services.ts';
import type { EarlyAllocator } from '../services/physical-pages.ts';
import type { PhaseContext } from './phase-context.ts';

/** setup_arch of the second kernel: type 1 configuration accesses, memblock and firmware calls, nothing else. */
export interface SetupArchContext<Options = unknown> extends PhaseContext<Options> {
  readonly phase: 'setup_arch';
  readonly type1: Type1ConfigAccess;
  readonly bootmem: EarlyAllocator;
  readonly firmware: FirmwareServices;
}

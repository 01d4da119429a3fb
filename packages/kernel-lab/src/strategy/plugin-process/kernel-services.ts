import type {
  HookName,
  IommuCrashShutdownContext,
  IommuInitContext,
  IrqRemapInitContext,
  RemappingUnitHandle,
} from '@quiesce/strategy';
import { pointAtInterruptTable, pointAtRootTable } from '../point-unit.ts';
import type { UnitInvalidation } from './unit-invalidation.ts';

/** What the services of `ctx.kernel` need of a hook. */
export interface KernelServicesHost {
  readonly hook: HookName;
  readonly translates: boolean;
  delay(ms: number): void;
  /** The kernel's own function runs, to its end. */
  runKernel(): void;
  /** It has run in this hook. */
  readonly ranKernel: boolean;
  invalidationOf(unit: RemappingUnitHandle): UnitInvalidation;
  /** A kernel's driver cannot be told of this. */
  notOffered(service: string): void;
  log(line: string): void;
}

type AnyKernel =
  | IommuInitContext['kernel']
  | IrqRemapInitContext['kernel']
  | IommuCrashShutdownContext['kernel'];

/**
 * The kernel's own remapping driver, as far as a real kernel can be asked from outside. It initialises all its units at
 * once, when the hook says so or when it goes on, whatever was handed over to it: a real kernel cannot be talked out of
 * that. Of an adoption the hardware's half is done; the driver's half is noted as not offered.
 */
export function kernelServices(host: KernelServicesHost): AnyKernel | undefined {
  switch (host.hook) {
    case 'iommuCrashShutdown':
      // Linux does nothing to its units when it crashes.
      return { shutdown: () => {} };
    case 'irqRemapInit':
      return interruptServices(host);
    case 'iommuInit':
      return translationServices(host);
    default:
      return undefined;
  }
}

function interruptServices(host: KernelServicesHost): IrqRemapInitContext['kernel'] {
  // Until the kernel has run, the queue is the old kernel's.
  const translations = (unit: RemappingUnitHandle): void =>
    check(host, unit, host.invalidationOf(unit).translations(!host.ranKernel));
  const entries = (unit: RemappingUnitHandle): void =>
    check(host, unit, host.invalidationOf(unit).interruptEntries(!host.ranKernel));
  return {
    initialise: () => host.runKernel(),
    initialiseUnit: () => host.runKernel(),
    invalidateTranslations: translations,
    invalidateInterruptEntries: entries,
    adoptInterruptTable: (unit, table) => {
      host.notOffered('adoptInterruptTable');
      pointAtInterruptTable(unit, (ms) => host.delay(ms), table, entries);
    },
  };
}

function translationServices(host: KernelServicesHost): IommuInitContext['kernel'] {
  const invalidate = (unit: RemappingUnitHandle): void =>
    check(host, unit, host.invalidationOf(unit).translations(false));
  return {
    translates: host.translates,
    initialise: () => host.runKernel(),
    initialiseUnit: () => host.runKernel(),
    invalidateTranslations: invalidate,
    adoptRootTable: (unit, root) => {
      host.notOffered('adoptRootTable');
      pointAtRootTable(unit, (ms) => host.delay(ms), root, invalidate);
    },
    reserveDomainId: () => host.notOffered('reserveDomainId'),
    adoptEntry: () => host.notOffered('adoptEntry'),
    adoptDomain: () => host.notOffered('adoptDomain'),
  };
}

function check(host: KernelServicesHost, unit: RemappingUnitHandle, done: boolean): void {
  if (!done) host.log(`kernel lab: ${unit.name}: the invalidation did not come to its end`);
}

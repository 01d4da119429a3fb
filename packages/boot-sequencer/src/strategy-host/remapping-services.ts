import type { HookName } from '@quiesce/strategy';
import type { Kernel } from '../kernel/kernel.ts';

/** Units, reserved regions and the kernel's own remapping driver, as far as a hook has them. */
export function remappingServices(hook: HookName, kernel: Kernel): object {
  const { remapping, units } = kernel;
  const { reservedRegions } = kernel.world.hardware;
  const common = { units, reservedRegions };
  if (hook === 'iommuCrashShutdown') {
    return { ...common, kernel: { shutdown: () => shutDownOnCrash(kernel) } };
  }
  if (hook === 'irqRemapInit') {
    return {
      ...common,
      kernel: {
        initialise: () => remapping.enableInterruptRemapping(),
        initialiseUnit: remapping.enableInterruptRemappingOf.bind(remapping),
        invalidateTranslations: remapping.invalidateTranslations.bind(remapping),
        invalidateInterruptEntries: remapping.invalidateInterruptEntries.bind(remapping),
        adoptInterruptTable: remapping.adoptInterruptTable.bind(remapping),
      },
    };
  }
  if (hook !== 'iommuInit') return common;
  return {
    ...common,
    kernel: {
      translates: kernel.profile.remapping.enabled,
      initialise: () => remapping.initialise(),
      initialiseUnit: remapping.initialiseUnit.bind(remapping),
      invalidateTranslations: remapping.invalidateTranslations.bind(remapping),
      adoptRootTable: remapping.adoptRootTable.bind(remapping),
      reserveDomainId: remapping.reserveDomainId.bind(remapping),
      adoptEntry: remapping.adoptEntry.bind(remapping),
      adoptDomain: remapping.adoptDomain.bind(remapping),
    },
  };
}

/** What the kernel or hypervisor does to its units on the crash path by itself. */
export function shutDownOnCrash(kernel: Kernel): void {
  if (kernel.profile.first.crashDisablesRemapping) kernel.remapping.disableOnCrash();
}

import type { HookName } from '../../hooks/hook-name.ts';
import type { InitcallLevel, Phase } from '../../phases.ts';

const ofInitcall: Readonly<Record<InitcallLevel, Phase>> = {
  pure: 'early_initcalls',
  core: 'early_initcalls',
  postcore: 'early_initcalls',
  arch: 'pci_arch_init',
  subsys: 'acpi_init',
  fs: 'fs_initcalls',
  fs_sync: 'fs_sync_initcalls',
  rootfs: 'iommu_init',
  device: 'device_initcalls',
  late: 'late_initcalls',
};

const ofMethod: Readonly<Record<Exclude<HookName, `initcall:${string}`>, Phase>> = {
  crash: 'crash',
  iommuCrashShutdown: 'crash',
  setupArch: 'setup_arch',
  irqRemapInit: 'irq_remap_init',
  iommuInit: 'iommu_init',
  deviceAttach: 'device_initcalls',
  iommuFault: 'device_initcalls',
  aerError: 'device_initcalls',
};

/** The phase in which a hook runs; of the two error hooks, the one in which they mostly do. */
export function phaseOf(hook: HookName): Phase {
  return hook.startsWith('initcall:')
    ? ofInitcall[hook.slice('initcall:'.length) as InitcallLevel]
    : ofMethod[hook as keyof typeof ofMethod];
}

import type { HookName, InitcallLevel, Phase } from '@quiesce/strategy';

/** A place of the x86 kernel where its processor is held for a hook. */
export interface HookStop {
  /** Name in the kernel's own symbol table (kallsyms). */
  readonly symbol: string;
  /**
   * What the symbol is: a function, held at its entry; or a table of initcalls (include/asm-generic/vmlinux.lds.h), whose
   * first one is held at its entry. A table's entries are 32-bit offsets, each from its own address.
   */
  readonly is: 'function' | 'initcall-table';
  /** Phase of the model that the hook's context names. */
  readonly phase: Phase;
}

const at = (symbol: string, phase: Phase): HookStop => ({ symbol, is: 'function', phase });
/** After the initcalls of one level: before the first of the next. */
const before = (symbol: string, phase: Phase): HookStop => ({ symbol, is: 'initcall-table', phase });

const ofInitcalls: Readonly<Record<InitcallLevel, HookStop>> = {
  pure: before('__initcall1_start', 'early_initcalls'),
  core: before('__initcall2_start', 'early_initcalls'),
  postcore: before('__initcall3_start', 'early_initcalls'),
  arch: before('__initcall4_start', 'pci_arch_init'),
  subsys: before('__initcall5_start', 'acpi_init'),
  // fs and fs_sync stand in one table; the final quirks are the first of fs_sync.
  fs: at('pci_apply_final_quirks', 'fs_initcalls'),
  fs_sync: before('__initcallrootfs_start', 'fs_sync_initcalls'),
  rootfs: before('__initcall6_start', 'iommu_init'),
  device: before('__initcall7_start', 'device_initcalls'),
  late: at('free_initmem', 'late_initcalls'),
};

const ofMethods: Partial<Readonly<Record<HookName, HookStop>>> = {
  crash: at('machine_kexec', 'crash'),
  iommuCrashShutdown: at('machine_kexec', 'crash'),
  setupArch: at('setup_arch', 'setup_arch'),
  // Prepares (irq_remapping_prepare) and enables (irq_remapping_enable); both are part of what a hook replaces.
  irqRemapInit: at('enable_IR_x2apic', 'irq_remap_init'),
  iommuInit: at('pci_iommu_init', 'iommu_init'),
  deviceAttach: at('pci_device_probe', 'device_initcalls'),
};

/**
 * Where a real kernel is held to run a hook; undefined for hooks that the lab does not offer: a kernel that handles a
 * fault or an error cannot be made to call a strategy later, as `schedule` asks.
 */
export function stopFor(hook: HookName): HookStop | undefined {
  return hook.startsWith('initcall:')
    ? ofInitcalls[hook.slice('initcall:'.length) as InitcallLevel]
    : ofMethods[hook];
}

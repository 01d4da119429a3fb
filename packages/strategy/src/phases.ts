/** Initcall levels of the Linux kernel that a strategy may register at, in the order in which they run. */
export const initcallLevels = [
  'pure',
  'core',
  'postcore',
  'arch',
  'subsys',
  'fs',
  'fs_sync',
  'rootfs',
  'device',
  'late',
] as const;

/** One of {@link initcallLevels}. */
export type InitcallLevel = (typeof initcallLevels)[number];

/**
 * Phases of a crash, in order. `irq_remap_init` precedes every initcall; `iommu_init` stands for
 * `pci_iommu_init` (a rootfs initcall); `device_initcalls` is where drivers attach.
 */
export const phases = [
  'first_kernel',
  'crash',
  'purgatory',
  'setup_arch',
  'irq_remap_init',
  'early_initcalls',
  'pci_arch_init',
  'acpi_init',
  'fs_initcalls',
  'fs_sync_initcalls',
  'iommu_init',
  'device_initcalls',
  'late_initcalls',
  'init',
  'dump',
  'reboot',
] as const;

/** One of {@link phases}. */
export type Phase = (typeof phases)[number];

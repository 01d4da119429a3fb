import type { Milestone } from '@quiesce/boot-sequencer';
import type { LabPhase } from '../account/account.ts';

/**
 * Where in a run of the model each span of the lab begins. The model's other phases begin in the middle of one. The crash
 * begins when the panic does, a moment before machine_kexec; `iommu_init` after the strategy's own fs_sync initcalls.
 */
export const labMilestones: Partial<Record<Milestone, LabPhase>> = {
  crash: 'crash',
  setup_arch: 'setup_arch',
  pci_arch_init: 'pci_arch_init',
  acpi_init: 'acpi_init',
  iommu_init: 'iommu_init',
  device_initcalls: 'initcalls',
  init: 'undriven',
  load_drivers: 'drivers',
  dump: 'dump',
};

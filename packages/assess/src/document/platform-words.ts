import type { RemappingPlatform } from '@quiesce/machine';

/** What remaps DMA, in the words of its makers. */
export const platformWords: Readonly<Record<RemappingPlatform, string>> = {
  'intel-vt-d': 'Intel VT-d',
  'amd-vi': 'AMD-Vi',
  smmu: 'Arm SMMU',
  power: 'POWER TCE',
  none: 'nothing remaps DMA',
  unknown: 'not known',
};

import type { KernelProfile } from './kernel-profile.ts';
import { currentSmmuProfile } from './smmu-profile.ts';

/** Kernels that differ in their SMMUv3 driver, oldest first; what else they do is that of `base`. */
export function smmuProfiles(base: KernelProfile): KernelProfile[] {
  const arm: KernelProfile = {
    ...base,
    messages: { ...base.messages, remappingAsked: null, remappingDeclined: null },
  };
  return [
    {
      ...arm,
      name: 'smmuv3-reset',
      description:
        'Linux 4.x on Arm: an enabled SMMU is switched off, on again with new tables; others bypass',
      smmu: {
        onEnabled: 'reset',
        abortsBeforeReset: false,
        unattachedStreams: 'bypass',
        eventQueueInKdump: true,
        reservesAdoptedAsids: false,
      },
      banner: 'Linux version 4.14.0',
      sources: ['commit b63b3439b856 (its end)'],
    },
    {
      ...arm,
      name: 'smmuv3-abort',
      description: 'Linux 4.19 to 5.1 on Arm: an enabled SMMU aborts everything, and its probe fails',
      smmu: { ...currentSmmuProfile, onEnabled: 'refuse', eventQueueInKdump: true },
      banner: 'Linux version 4.19.0',
      sources: ['commit b63b3439b856', 'commit 3f54c447df34 (its end)'],
    },
    {
      ...arm,
      name: 'smmuv3-reattach',
      description: 'Linux 5.2 to today on Arm: abort, reset, new tables; no event queue in a kdump kernel',
      smmu: currentSmmuProfile,
      banner: 'Linux version 5.2.0',
      sources: ['commit 3f54c447df34'],
    },
    {
      ...arm,
      name: 'smmuv3-adopt',
      description: 'Linux with the series of 2026 on Arm: the SMMU stays on with the old stream table',
      smmu: { ...currentSmmuProfile, onEnabled: 'adopt', reservesAdoptedAsids: true },
      banner: 'Linux version 7.2.0-rc1',
      sources: ['lkml.iu.edu/2604.1/03705', 'lkml 2606.3/11636', 'NV-Kernels pull request 454'],
    },
  ];
}

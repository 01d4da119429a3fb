import {
  amdAdopting,
  amdCopying,
  amdFirstCopying,
  amdForgetfulCopying,
  amdQuietRebuilding,
  amdRebuilding,
} from './amd-eras.ts';
import type { KernelMessages } from './kernel-messages.ts';
import type { KernelProfile } from './kernel-profile.ts';
import { linux6Messages } from './messages-of-eras.ts';
import { measuredPhaseTimes } from './phase-times.ts';
import { linux6Remapping, linux310Remapping } from './remapping-of-versions.ts';

/** Without what only machines with a DMAR table hear of. */
const withoutVtd: KernelMessages = {
  ...linux6Messages,
  remappingAsked: null,
  remappingDeclined: null,
  interruptsRemapped: null,
  remappingReady: null,
};

const linux: Omit<KernelProfile, 'name' | 'description' | 'remapping' | 'amd' | 'banner' | 'sources'> = {
  first: { addresses: 'top-down-below-4g', crashDisablesRemapping: false },
  second: true,
  driversLoadIn: 'init',
  handsOffUsb: true,
  reboot: { clearsPortBusMaster: false, clearsDeviceBusMaster: false },
  panicsOnSystemError: false,
  faultLines: 'linux-5.15',
  messages: withoutVtd,
  phaseMs: measuredPhaseTimes,
};

/** Kernels whose difference is their AMD driver, oldest first. */
export const amdProfiles: readonly KernelProfile[] = [
  {
    ...linux,
    name: 'amd-rebuild',
    description: 'Linux 3.6 to 4.12 on AMD: switches the unit off, makes empty tables, switches it on',
    remapping: linux310Remapping,
    amd: amdRebuilding,
    banner: 'Linux version 4.9.0',
    sources: ['drivers/iommu/amd_iommu_init.c of 4.9'],
  },
  {
    ...linux,
    name: 'amd-rebuild-quiet',
    description: 'Linux 4.13 on AMD: as amd-rebuild, and a crash kernel keeps page faults out of the log',
    remapping: linux310Remapping,
    amd: amdQuietRebuilding,
    banner: 'Linux version 4.13.0',
    sources: ['commit 111237415393'],
  },
  {
    ...linux,
    name: 'amd-copy-2016',
    description:
      'The copying series of 2016 on AMD: device tables may be above 4 GiB, the base is swapped in halves',
    remapping: linux310Remapping,
    amd: amdFirstCopying,
    banner: 'Linux version 4.9.0-copy',
    sources: ['Baoquan He, iommu 2016', 'Joerg Roedel, iommu 2016-11-10'],
  },
  {
    ...linux,
    name: 'amd-copy-2017',
    description:
      'Linux 4.14 to 5.2 on AMD: as amd-copy, but nothing of the old domain is flushed when a driver takes over',
    remapping: linux6Remapping,
    amd: amdForgetfulCopying,
    banner: 'Linux version 4.14.0',
    sources: ['commit df3f7a6e8e85', 'commit 36b7200f67df (its end)'],
  },
  {
    ...linux,
    name: 'amd-copy',
    description: 'Linux 5.2.17 to mid-2025 on AMD: copies the device table, below 4 GiB only',
    remapping: linux6Remapping,
    amd: amdCopying,
    banner: 'Linux version 6.1.0',
    sources: ['commit df3f7a6e8e85', 'commit 20b46dff13bd'],
  },
  {
    ...linux,
    name: 'amd-adopt',
    description:
      'Linux since autumn 2025 on AMD: goes on with the old device table, command buffer and event log',
    remapping: linux6Remapping,
    amd: amdAdopting,
    banner: 'Linux version 6.18.0',
    sources: ['commit 38e5f33ee359', 'commit f32fe7cb0198'],
  },
];

import { UserError } from '@quiesce/simulation';
import {
  interruptsOfLinux3,
  interruptsOfLinux4,
  interruptsOfLinux6,
} from '../interrupts/interrupt-profile.ts';
import { amdProfiles } from './amd-profiles.ts';
import type { KernelProfile } from './kernel-profile.ts';
import {
  linux3Messages,
  linux6Messages,
  linux42Messages,
  linux310Messages,
  xenMessages,
} from './messages-of-eras.ts';
import { measuredPhaseTimes } from './phase-times.ts';
import {
  linux6Remapping,
  linux30Remapping,
  linux42ReleasedRemapping,
  linux42Remapping,
  linux60Remapping,
  linux310Remapping,
  linux510Remapping,
  linux511Remapping,
  linux612Remapping,
  linux615Remapping,
  xen41Remapping,
} from './remapping-of-versions.ts';
import { smmuProfiles } from './smmu-profiles.ts';

const linux: Pick<
  KernelProfile,
  | 'first'
  | 'interrupts'
  | 'second'
  | 'driversLoadIn'
  | 'handsOffUsb'
  | 'reboot'
  | 'panicsOnSystemError'
  | 'phaseMs'
> = {
  first: { addresses: 'top-down-below-4g', crashDisablesRemapping: false },
  interrupts: interruptsOfLinux3,
  second: true,
  driversLoadIn: 'device_initcalls',
  handsOffUsb: true,
  reboot: { clearsPortBusMaster: false, clearsDeviceBusMaster: false },
  panicsOnSystemError: false,
  phaseMs: measuredPhaseTimes,
};

const linux6: KernelProfile = {
  ...linux,
  name: 'linux-6',
  interrupts: interruptsOfLinux6,
  description: 'Linux 7.2.6 and 7.3: copies root and context entries of both modes and the interrupt table',
  remapping: linux6Remapping,
  driversLoadIn: 'init',
  faultLines: 'linux-5.15',
  messages: linux6Messages,
  banner: 'Linux version 6.1.0',
  sources: ['commit 0c5f6c0d8201', 'commit 091d42e43d21', 'docs/linux-vt-d.md'],
};

const linux510: KernelProfile = {
  ...linux6,
  name: 'linux-5.10',
  description:
    'Linux 5.10: default domains by group, deferred over copied tables; takes a scalable-mode table for a legacy one',
  remapping: linux510Remapping,
  reboot: { clearsPortBusMaster: true, clearsDeviceBusMaster: false },
  faultLines: 'linux-4.8',
  messages: { ...linux6Messages, satc: null, noSatc: null },
  banner: 'Linux version 5.10.13',
  sources: ['drivers/iommu/intel/iommu.c of 5.10.13', 'commit 0c5f6c0d8201 (what it changed)'],
};

/** A stable kernel of Debian, measured in scalable mode. */
function stable(
  version: string,
  remapping: KernelProfile['remapping'],
  what: string,
  reboot: KernelProfile['reboot'] = linux6.reboot,
): KernelProfile {
  return {
    ...linux6,
    name: `linux-${version}`,
    description: `Linux ${version}: ${what}`,
    remapping,
    reboot,
    banner: `Linux version ${version}`,
    sources: [`measured on Debian's ${version}`, 'docs/linux-vt-d.md'],
  };
}

/** Every kernel that can be named, oldest first. */
export const kernelProfiles: readonly KernelProfile[] = [
  {
    ...linux,
    name: 'xen-2011',
    description:
      'Xen 4.1 with a passed-through guest; its crash path switches remapping off, Linux 3.0 boots next',
    remapping: xen41Remapping,
    first: { addresses: 'guest-physical', crashDisablesRemapping: true },
    second: false,
    partner: 'linux-3.0',
    faultLines: 'linux-2.6.29',
    messages: xenMessages,
    banner: '(XEN) Xen version 4.1.1',
    sources: ['Cooper, xen-devel 2011-07-06', 'xen commit c24c3e21e3'],
  },
  {
    ...linux,
    name: 'linux-3.0',
    description: 'Linux 3.0 to 3.9: the command shadow starts at 0, the first command drops translation',
    remapping: linux30Remapping,
    faultLines: 'linux-2.6.29',
    messages: linux3Messages,
    banner: 'Linux version 3.0.0',
    sources: ['commit 3a93c841c2b3 (what it changed)'],
  },
  {
    ...linux,
    name: 'linux-3.10',
    description: 'Linux 3.10 to 4.1: translation switched off, empty tables, on again',
    remapping: linux310Remapping,
    faultLines: 'linux-3.5',
    messages: linux310Messages,
    banner: 'Linux version 3.10.0',
    sources: ['commit 3a93c841c2b3', 'commit 60b523ecfede (its end)'],
  },
  {
    ...linux,
    name: 'linux-4.2',
    interrupts: interruptsOfLinux4,
    description:
      'Linux 4.2 to 4.20 with stable fixes: copies root and context entries and the interrupt table, legacy mode only',
    remapping: linux42Remapping,
    faultLines: 'linux-4.2',
    messages: linux42Messages,
    banner: 'Linux version 4.2.0',
    sources: ['commit 4158c2eca3c7', 'commit 091d42e43d21', 'commit 571dbbd4d044'],
  },
  {
    ...linux,
    name: 'linux-4.8',
    interrupts: interruptsOfLinux4,
    description:
      'Linux 4.2 to 4.9 as released: as linux-4.2, but nothing is flushed when a driver replaces a copied entry',
    remapping: linux42ReleasedRemapping,
    faultLines: 'linux-4.8',
    messages: { ...linux42Messages, faultBurst: 10 },
    banner: 'Linux version 4.8.0',
    sources: ['commit aec0e86172a7 (what it changed)'],
  },
  linux510,
  {
    ...linux510,
    name: 'linux-5.11',
    description: 'Linux 5.11: over copied tables, a device that shares its group cannot be attached',
    remapping: linux511Remapping,
    banner: 'Linux version 5.11.0',
    sources: ['commit 795bbbb9b6f8', 'commit 3ab657291638 (its end)'],
  },
  {
    ...linux6,
    name: 'linux-6.0',
    description:
      'Linux 6.0: the first that copies scalable-mode tables; an upper half that is alone goes astray',
    remapping: linux60Remapping,
    reboot: { clearsPortBusMaster: true, clearsDeviceBusMaster: false },
    banner: 'Linux version 6.0.0',
    sources: ['commit 0c5f6c0d8201', 'docs/linux-vt-d.md'],
  },
  stable(
    '6.1.187',
    linux60Remapping,
    'an upper context table that is alone on its bus goes to the lower half',
    linux510.reboot,
  ),
  stable(
    '6.1.192',
    { ...linux60Remapping, upperContextTable: 'upper' },
    'upper context tables stay upper',
    linux510.reboot,
  ),
  {
    ...linux6,
    name: 'linux-6.6',
    description: 'Linux 6.3 to 6.8: tables as 6.0; ports keep Bus Master Enable at reboot',
    remapping: linux60Remapping,
    banner: 'Linux version 6.6.0',
    sources: ['drivers/iommu/intel/iommu.c of 6.3.2', 'commit 62b6dee1b44a'],
  },
  stable(
    '6.12.107',
    linux612Remapping,
    'as 6.1.187, and flushes everything when a scalable entry is replaced',
  ),
  stable('6.12.117', { ...linux612Remapping, upperContextTable: 'upper' }, 'upper context tables stay upper'),
  {
    ...linux6,
    name: 'linux-6.17',
    description:
      'Linux 6.15 to 7.2 as released: tables as 6.12.107, ATS in scalable mode from the start; waits before it jumps into memory that it lent',
    remapping: linux615Remapping,
    first: { ...linux6.first, waitsBeforeJumpMs: 10_000 },
    banner: 'Linux version 6.17.0',
    sources: [
      'commit 5518f239aff1',
      'Bohac, "kdump: wait for DMA to finish when using CMA", 2025 (CMA_DMA_TIMEOUT_SEC)',
    ],
  },
  linux6,
  {
    ...linux6,
    name: 'linux-6-no-copy',
    partner: 'linux-6',
    description: 'Linux 6 made to believe that it is no kdump kernel: rebuilds its tables',
    remapping: {
      ...linux6Remapping,
      disablesTranslationFirst: true,
      copiesContextEntries: false,
      copiesScalable: false,
      copiesInterruptTable: false,
    },
  },
  {
    ...linux6,
    name: 'linux-6-iommu-off',
    partner: 'linux-6',
    description: 'Linux 6 with intel_iommu=off: translation is switched off for good',
    remapping: { ...linux6Remapping, enabled: false },
  },
  ...smmuProfiles(linux6),
  ...amdProfiles,
];

/**
 * The kernel of that name; a profile of one's own is given back as it is.
 * @throws UserError `KERNEL_UNKNOWN`
 */
export function kernelProfile(name: string | KernelProfile): KernelProfile {
  if (typeof name !== 'string') return name;
  const found = kernelProfiles.find((profile) => profile.name === name);
  if (found !== undefined) return found;
  const names = kernelProfiles.map((profile) => profile.name).join(', ');
  throw new UserError('KERNEL_UNKNOWN', `there is no kernel profile "${name}"`, { expected: names });
}

/**
 * The pair of kernels that `name` stands for where only one is named: itself twice, Xen with the Linux of its day,
 * a variant of the second kernel with the usual first one.
 * @throws UserError `KERNEL_UNKNOWN`
 */
export function kernelPair(name: string | KernelProfile): { first: KernelProfile; second: KernelProfile } {
  const profile = kernelProfile(name);
  const partner = profile.partner === undefined ? profile : kernelProfile(profile.partner);
  return profile.second ? { first: partner, second: profile } : { first: profile, second: partner };
}

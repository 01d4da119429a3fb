import { UserError } from '@quiesce/simulation';
import {
  interruptsOfLinux3,
  interruptsOfLinux4,
  interruptsOfLinux6,
} from '../interrupts/interrupt-profile.ts';
import type { KernelProfile, RemappingProfile } from './kernel-profile.ts';
import {
  linux3Messages,
  linux6Messages,
  linux42Messages,
  linux310Messages,
  xenMessages,
} from './messages-of-eras.ts';
import { measuredPhaseTimes } from './phase-times.ts';
import { smmuProfiles } from './smmu-profiles.ts';

const rebuilding: RemappingProfile = {
  enabled: true,
  shadowSynced: true,
  disablesTranslationFirst: true,
  copiesContextEntries: false,
  copiesScalable: false,
  copiesInterruptTable: false,
  eagerDomains: false,
  rebuildMs: 80,
};

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
  description: 'Linux 6: copies root and context entries and the interrupt table; default domains at once',
  remapping: {
    ...rebuilding,
    disablesTranslationFirst: false,
    copiesContextEntries: true,
    copiesScalable: true,
    copiesInterruptTable: true,
    eagerDomains: true,
  },
  driversLoadIn: 'init',
  faultLines: 'linux-5.15',
  messages: linux6Messages,
  banner: 'Linux version 6.1.0',
  sources: ['commit 0c5f6c0d8201', 'commit 091d42e43d21'],
};

/** Every kernel that can be named, oldest first. */
export const kernelProfiles: readonly KernelProfile[] = [
  {
    ...linux,
    name: 'xen-2011',
    description:
      'Xen 4.1 with a passed-through guest; its crash path switches remapping off, Linux 3.0 boots next',
    remapping: { ...rebuilding, shadowSynced: false, disablesTranslationFirst: false },
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
    remapping: { ...rebuilding, shadowSynced: false, disablesTranslationFirst: false },
    faultLines: 'linux-2.6.29',
    messages: linux3Messages,
    banner: 'Linux version 3.0.0',
    sources: ['commit 3a93c841c2b3 (what it changed)'],
  },
  {
    ...linux,
    name: 'linux-3.10',
    description: 'Linux 3.10 to 4.1: translation switched off, empty tables, on again',
    remapping: rebuilding,
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
      'Linux 4.2 to 5.x: copies root and context entries and the interrupt table, legacy mode only',
    remapping: {
      ...rebuilding,
      disablesTranslationFirst: false,
      copiesContextEntries: true,
      copiesInterruptTable: true,
    },
    faultLines: 'linux-4.2',
    messages: linux42Messages,
    banner: 'Linux version 4.2.0',
    sources: ['commit 4158c2eca3c7', 'commit 091d42e43d21', 'commit 571dbbd4d044'],
  },
  linux6,
  {
    ...linux6,
    name: 'linux-6-no-copy',
    partner: 'linux-6',
    description: 'Linux 6 made to believe that it is no kdump kernel: rebuilds its tables',
    remapping: { ...rebuilding, eagerDomains: true },
  },
  {
    ...linux6,
    name: 'linux-6-iommu-off',
    partner: 'linux-6',
    description: 'Linux 6 with intel_iommu=off: translation is switched off for good',
    remapping: { ...rebuilding, enabled: false, copiesInterruptTable: true, eagerDomains: true },
  },
  ...smmuProfiles(linux6),
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

import type { AmdMessages, AmdRemappingProfile } from './amd-remapping-profile.ts';

const oldMessages: AmdMessages = {
  pageFault:
    'AMD-Vi: Event logged [IO_PAGE_FAULT device={device} domain=0x{domain} address=0x{address16} flags=0x{flags}]',
  pageFaultOfFunction: null,
};

const messages: AmdMessages = {
  pageFault:
    'AMD-Vi: Event logged [IO_PAGE_FAULT device={device} domain=0x{domain} address=0x{address} flags=0x{flags}]',
  pageFaultOfFunction:
    'pci {name}: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x{domain} address=0x{address} flags=0x{flags}]',
};

/** Linux 3.6 to 4.12: whatever is there is switched off, and tables begin empty. */
export const amdRebuilding: AmdRemappingProfile = {
  handover: 'rebuild',
  deviceTable: 'high',
  distrustsHighTable: false,
  baseWriteGapUs: 1,
  rebuildMs: 0,
  suppressesFaults: false,
  flushesOldDomain: false,
  interruptTableEntries: 256,
  messages: oldMessages,
};

/** Linux 4.13: as before, and the log is kept quiet in a crash kernel. */
export const amdQuietRebuilding: AmdRemappingProfile = {
  ...amdRebuilding,
  rebuildMs: 1,
  suppressesFaults: true,
  messages,
};

/** The copying series of 2016, before device tables had to be below 4 GiB. */
export const amdFirstCopying: AmdRemappingProfile = { ...amdRebuilding, handover: 'copy' };

/** Linux 5.2.17 to the middle of 2025. */
export const amdCopying: AmdRemappingProfile = {
  ...amdRebuilding,
  handover: 'copy',
  deviceTable: 'below-4g',
  distrustsHighTable: true,
  flushesOldDomain: true,
  interruptTableEntries: 512,
  messages,
};

/** Linux 4.14 to 5.2: what the unit has cached of the old domain stays when a driver takes over (until commit 36b7200f67df). */
export const amdForgetfulCopying: AmdRemappingProfile = { ...amdCopying, flushesOldDomain: false };

/** Linux since the autumn of 2025. */
export const amdAdopting: AmdRemappingProfile = { ...amdCopying, handover: 'adopt' };

/** What a profile says of AMD's units; one that says nothing copies or rebuilds as it does with VT-d. */
export function amdRemappingOf(profile: {
  readonly amd?: AmdRemappingProfile;
  readonly remapping: { readonly copiesContextEntries: boolean };
}): AmdRemappingProfile {
  return profile.amd ?? (profile.remapping.copiesContextEntries ? amdCopying : amdRebuilding);
}

import type { RemappingProfile } from './remapping-profile.ts';

/** Linux 3.0 to 3.9: the command shadow starts at 0, tables are rebuilt, a domain comes with the first mapping. */
export const linux30Remapping: RemappingProfile = {
  enabled: true,
  leavesTranslationOn: true,
  shadowSynced: false,
  disablesTranslationFirst: false,
  copiesContextEntries: false,
  copiesScalable: false,
  copiesInterruptTable: false,
  eagerDomains: false,
  rebuildMs: 80,
  scalable: 'off',
  upperContextTable: 'first-free',
  copiedMark: 'entry',
  copiedDomainIds: 'context-entry',
  copiedEntryFlush: 'none',
  unmappableBuses: [],
  ignoredUnits: 'left-alone',
  mapsGraphics: true,
  sharedDomains: 'alias',
  deferredAttach: 'each-device',
  enablesAts: 'at-attach',
  avoidsBrokenInterruptRemapping: false,
};

/** Xen 4.1: leaves ATS off. */
export const xen41Remapping: RemappingProfile = {
  ...linux30Remapping,
  enablesAts: 'never',
};

/** Linux 3.10 to 4.1: the shadow is in step, and translation is switched off first. */
export const linux310Remapping: RemappingProfile = {
  ...linux30Remapping,
  leavesTranslationOn: false,
  shadowSynced: true,
  disablesTranslationFirst: true,
  avoidsBrokenInterruptRemapping: true,
};

/** Linux 4.2 to 4.9 as they were released: copies, but forgets what the unit has cached when a driver takes over. */
export const linux42ReleasedRemapping: RemappingProfile = {
  ...linux310Remapping,
  leavesTranslationOn: true,
  disablesTranslationFirst: false,
  copiesContextEntries: true,
  copiesInterruptTable: true,
};

/** Linux 4.2 to 4.20 with what stable kernels added: the old entry's domain is flushed at attach. */
export const linux42Remapping: RemappingProfile = {
  ...linux42ReleasedRemapping,
  copiedEntryFlush: 'entry-domain',
};

/** Linux 5.10: default domains by group, deferred where tables were copied; ignored units switched off. */
export const linux510Remapping: RemappingProfile = {
  ...linux42Remapping,
  leavesTranslationOn: false,
  eagerDomains: true,
  scalable: 'machine',
  ignoredUnits: 'switched-off',
  sharedDomains: 'group',
};

/** Linux 5.11: a deferred attach goes through the path for lone devices. */
export const linux511Remapping: RemappingProfile = { ...linux510Remapping, deferredAttach: 'lone-devices' };

/** Linux 6.0 to 6.8: copies scalable-mode tables; upper halves that are alone go astray. */
export const linux60Remapping: RemappingProfile = {
  ...linux510Remapping,
  copiesScalable: true,
  copiedMark: 'bitmap',
};

/** Linux 6.9 to 6.14: everything is flushed when a copied scalable-mode entry is replaced. */
export const linux612Remapping: RemappingProfile = {
  ...linux60Remapping,
  copiedEntryFlush: 'global-if-scalable',
};

/** Linux 6.15 to 7.2 as released: ATS is on in scalable mode before a device is attached (commit 5518f239aff1). */
export const linux615Remapping: RemappingProfile = {
  ...linux612Remapping,
  enablesAts: 'early-if-scalable',
};

/** Linux 7.2.6 and 7.3: upper halves stay upper (commit c6e63fc8e8fc). */
export const linux6Remapping: RemappingProfile = {
  ...linux615Remapping,
  upperContextTable: 'upper',
};

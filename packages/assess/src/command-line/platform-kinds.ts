import type { RemappingPlatform } from '@quiesce/machine';

/** A machine with x86 processors; `unknown` counts as one, as most are, unless `orUnknown` is false. */
export function isX86(platform: RemappingPlatform | undefined, orUnknown = true): boolean {
  if (platform === 'intel-vt-d' || platform === 'amd-vi' || platform === 'none') return true;
  return orUnknown && (platform === undefined || platform === 'unknown');
}

import {
  isKernelWithin,
  type KernelVersion,
  kernelOrigin,
  parseKernelVersion,
  rangeName,
  type VersionRange,
} from '@quiesce/machine';
import { type KernelEra, kernelEras, type ProfilePlatform } from './kernel-eras.ts';
import { kernelProfile } from './profiles.ts';

/** The kernel profile that stands for a release, and how well. */
export interface NearestProfile {
  readonly profile: string;
  /** `exact`: it does what the release does, as far as facts are known; `near`: something is in doubt; `assumed`: no release is known. */
  readonly match: 'exact' | 'near' | 'assumed';
  /** The version that the release was taken for, or that is assumed. */
  readonly version: KernelVersion | undefined;
  /** One sentence each: why this profile, and what is in doubt. */
  readonly reasons: readonly string[];
}

/**
 * The profile of `kernelProfiles` nearest to a release as `uname -r` says it, distributions' names included. Without one,
 * or with one that cannot be read, today's kernel is taken, and the reasons say so.
 * @param version of kernel.org that the kernel is built on, where its banner says so (`versionOfBanner` of `@quiesce/machine`)
 */
export function nearestProfile(
  platform: ProfilePlatform,
  release: string | undefined,
  version?: string,
): NearestProfile {
  const stated = version ?? release;
  const origin = stated === undefined ? undefined : kernelOrigin(stated);
  const known = kernelEras(platform);
  if (release === undefined || origin === undefined) {
    const newest = known[known.length - 1] as KernelEra;
    const reason =
      release === undefined
        ? 'no source names the kernel'
        : `"${release.slice(0, 80)}" is no release of Linux`;
    return {
      profile: newest.profile,
      match: 'assumed',
      version: parseKernelVersion(newest.from),
      reasons: [`${reason}: the newest one known here is taken`],
    };
  }
  const era =
    known.find((one) => isKernelWithin(origin.version, one)) ?? (known[known.length - 1] as KernelEra);
  const doubts = [
    ...(origin.distribution === undefined ? [] : [`${origin.distribution}: ${origin.doubt}`]),
    ...era.doubts,
  ];
  const span = rangeName(
    platformVersions(platform).find((one) => isKernelWithin(origin.version, one)) ?? era,
  );
  return {
    profile: era.profile,
    match: doubts.length === 0 ? 'exact' : 'near',
    version: origin.version,
    reasons: [
      platform === 'none'
        ? `${span}: nothing remaps DMA`
        : `${span}: ${kernelProfile(era.profile).description}`,
      ...(version === undefined ? [] : [`its banner says that it is built on ${version}`]),
      ...doubts,
    ],
  };
}

/** A profile that somebody asked for by its name, with the oldest version that it stands for. */
export function chosenProfile(platform: ProfilePlatform, profile: string): NearestProfile {
  const era = kernelEras(platform).find((one) => one.profile === profile);
  return {
    profile,
    match: 'exact',
    version: era === undefined ? undefined : parseKernelVersion(era.from === '0' ? '0.0' : era.from),
    reasons: [`asked for: ${kernelProfile(profile).description}`],
  };
}

/** Profiles of a platform, oldest first: the eras that a machine may live through. */
export function platformProfiles(platform: ProfilePlatform): string[] {
  return [...new Set(kernelEras(platform).map(({ profile }) => profile))];
}

/** Ranges of versions of a platform in their order, with the profile of each. */
export function platformVersions(
  platform: ProfilePlatform,
): readonly (VersionRange & { readonly profile: string })[] {
  const ranges: { from: string; before: string; profile: string }[] = [];
  for (const { from, before, profile } of kernelEras(platform)) {
    const last = ranges.at(-1);
    if (last?.profile === profile) last.before = before;
    else ranges.push({ from, before, profile });
  }
  return ranges;
}

import { kernelProfile } from '@quiesce/boot-sequencer';
import distributions from './distributions.json' with { type: 'json' };
import { isWithin, type KernelVersion, parseKernelVersion } from './kernel-version.ts';
import ranges from './kernel-versions.json' with { type: 'json' };

/** What there are ranges of versions for. */
export type SimulatedPlatform = 'intel-vt-d' | 'amd-vi' | 'smmu' | 'none';

/** The kernel profile that stands for a release, and how well. */
export interface NearestProfile {
  readonly profile: string;
  /** `exact`: the profile was made for this range; `near`: something about it is in doubt; `assumed`: no release is known. */
  readonly match: 'exact' | 'near' | 'assumed';
  /** The version that the release was taken for, or that is assumed. */
  readonly version: KernelVersion | undefined;
  /** One sentence each: why this profile, and what is in doubt. */
  readonly reasons: readonly string[];
}

interface Distribution {
  readonly pattern: string;
  readonly name: string;
  readonly doubt: string;
  readonly nearest?: string;
}

/**
 * The profile of `kernelProfiles` nearest to a release as `uname -r` says it, distributions' names included. Without one,
 * or with one that cannot be read, today's kernel is taken, and the reasons say so.
 */
export function nearestProfile(platform: SimulatedPlatform, release: string | undefined): NearestProfile {
  const known = ranges[platform];
  const newest = known[known.length - 1] as (typeof known)[number];
  const stated = release === undefined ? undefined : parseKernelVersion(release);
  if (release === undefined || stated === undefined) {
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
  const distribution = (distributions as readonly Distribution[]).find(({ pattern }) =>
    new RegExp(pattern).test(release),
  );
  const version =
    distribution?.nearest === undefined ? stated : (parseKernelVersion(distribution.nearest) ?? stated);
  const row = known.find(({ from, before }) => isWithin(version, from, before)) ?? newest;
  const doubts = [
    ...(distribution === undefined ? [] : [`${distribution.name}: ${distribution.doubt}`]),
    ...('doubt' in row && typeof row.doubt === 'string' ? [row.doubt] : []),
  ];
  const span = rangeName(row.from, row.before);
  return {
    profile: row.profile,
    match: doubts.length === 0 ? 'exact' : 'near',
    version,
    reasons: [
      platform === 'none'
        ? `${span}: nothing remaps DMA`
        : `${span}: ${kernelProfile(row.profile).description}`,
      ...doubts,
    ],
  };
}

/** A profile that somebody asked for by its name, with the oldest version that it stands for. */
export function chosenProfile(platform: SimulatedPlatform, profile: string): NearestProfile {
  const row = ranges[platform].find((one) => one.profile === profile);
  return {
    profile,
    match: 'exact',
    version: row === undefined ? undefined : parseKernelVersion(row.from === '0' ? '0.0' : row.from),
    reasons: [`asked for: ${kernelProfile(profile).description}`],
  };
}

/** Profiles of a platform, oldest first: the eras that a machine may live through. */
export function profilesOf(platform: SimulatedPlatform): string[] {
  return [...new Set(ranges[platform].map(({ profile }) => profile))];
}

/** Ranges of versions of a platform in their order, with the profile of each. */
export function versionRanges(
  platform: SimulatedPlatform,
): readonly { readonly from: string; readonly before: string; readonly profile: string }[] {
  return ranges[platform].map(({ from, before, profile }) => ({ from, before, profile }));
}

/** A range of versions in words. */
export function rangeName(from: string, before: string): string {
  if (from === '0') return before === '9999' ? 'every version' : `before ${before}`;
  return before === '9999' ? `${from} and later` : `${from} to before ${before}`;
}

import distributions from './distributions.json' with { type: 'json' };
import {
  isKernelWithin,
  type KernelVersion,
  parseKernelVersion,
  type VersionRange,
} from './kernel-version.ts';

/** What a release says of the kernel that it is built from. */
export interface KernelOrigin {
  /** The version that it names. */
  readonly stated: KernelVersion;
  /** The version of kernel.org whose remapping drivers are nearest to its own. */
  readonly version: KernelVersion;
  /** A distribution's build, by its number or its name: it may hold later changes. */
  readonly isDistribution: boolean;
  /** Who built it, if the release shows it. */
  readonly distribution?: string;
  /** Why its version may not tell what it does. */
  readonly doubt?: string;
}

interface Distribution {
  /** Of the release, `uname -r`. */
  readonly pattern: string;
  readonly name: string;
  readonly doubt: string;
  readonly nearest?: string;
  /** Numbers of builds, after the version: `1062.7.1` of `3.10.0-1062.7.1.el7`. */
  readonly builds?: readonly (VersionRange & { readonly nearest: string; readonly doubt: string })[];
}

const known: readonly (Distribution & { readonly matches: RegExp })[] = (
  distributions as readonly Distribution[]
).map((one) => ({ ...one, matches: new RegExp(one.pattern) }));

/**
 * The kernel behind a release as `uname -r` says it, distributions' builds included; undefined if it begins with no
 * version. Distributions take later changes into older versions: where their source was read, the version nearest to
 * it stands for them.
 */
export function kernelOrigin(release: string): KernelOrigin | undefined {
  const stated = parseKernelVersion(release);
  if (stated === undefined) return undefined;
  const shown = release.trim().slice(0, 256);
  const distribution = known.find(({ matches }) => matches.test(shown));
  if (distribution === undefined) {
    return { stated, version: stated, isDistribution: /^[\d.]{1,16}-\d/.test(shown) };
  }
  const numbers = /^\d+\.\d+\.\d+-(\d{1,6}(?:\.\d{1,6}){0,5})/.exec(shown)?.[1]?.split('.').map(Number);
  const build =
    numbers === undefined ? undefined : distribution.builds?.find((range) => isKernelWithin(numbers, range));
  const nearest = build?.nearest ?? distribution.nearest;
  return {
    stated,
    version: nearest === undefined ? stated : (parseKernelVersion(nearest) ?? stated),
    isDistribution: true,
    distribution: distribution.name,
    doubt: build?.doubt ?? distribution.doubt,
  };
}

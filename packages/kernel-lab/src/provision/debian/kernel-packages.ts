import { UserError } from '@quiesce/simulation';
import type { Cache } from '../cache/cache.ts';
import { cachedPackages, type DebianPackage } from './debian-package.ts';
import { packageNames, packageVersions } from './package-index.ts';

/** Images of the ordinary amd64 flavour, by point release: no meta packages, no cloud, no realtime, no unsigned ones. */
const IMAGE = /^linux-image-\d+\.\d+\.\d+(-\d+|\+[a-z0-9.]+)?-amd64$/;

const NAME = /^debian-(\d+\.\d+(?:\.\d+)?(?:-\S+)?)$/;
const POINT_RELEASE = /^debian-\d+\.\d+\.\d+/;

/**
 * The package of a kernel's name. A point release that is in the cache is taken from there, without asking the index; the
 * newest of a series is the index's to say.
 * @throws UserError as {@link kernelPackage}; `LAB_TOOL_MISSING` without an index if nothing is in the cache
 */
export async function findKernelPackage(name: string, cache: Cache): Promise<DebianPackage> {
  const cached = (await cachedPackages(cache)).filter((each) => IMAGE.test(each.name)).sort(byVersion);
  if (POINT_RELEASE.test(name)) {
    const found = packageOf(name, cached);
    if (found !== undefined) return found;
  }
  return kernelPackage(name, await knownPackages(cached));
}

/** Packages that the index of this host has, and those that are in the cache; newest last. */
async function knownPackages(cached: readonly DebianPackage[]): Promise<DebianPackage[]> {
  const packages = new Map(cached.map((each) => [`${each.name} ${each.version}`, each]));
  try {
    const names = (await packageNames('linux-image-')).filter((name) => IMAGE.test(name));
    for (const each of await packageVersions(names)) packages.set(`${each.name} ${each.version}`, each);
  } catch (error) {
    // Without an index, what is in the cache is what there is.
    if (!(error instanceof UserError)) throw error;
    if (packages.size === 0) throw withoutIndex(error);
  }
  return [...packages.values()].sort(byVersion);
}

function withoutIndex(error: UserError): UserError {
  if (error.code !== 'LAB_TOOL_MISSING') return error;
  return new UserError('LAB_TOOL_MISSING', "Debian's kernels are fetched by apt, which is not here", {
    expected: 'a Debian system, a cache that was filled on one (QUIESCE_LAB_CACHE), or --kernel-image FILE',
  });
}

/**
 * The package that a kernel's name means.
 * @param name - `debian-6.1` (the newest of that series), `debian-6.1.187` (that point release), `debian-6.1.192-1` (that
 * build of it)
 * @throws UserError `LAB_KERNEL_NAME`, or `LAB_KERNEL` saying which there are
 */
export function kernelPackage(name: string, packages: readonly DebianPackage[]): DebianPackage {
  if (!NAME.test(name)) {
    throw new UserError('LAB_KERNEL_NAME', `Not the name of a kernel: ${name}`, {
      expected: 'debian-6.1, debian-6.12, debian-6.1.187 …, or a kernel of your own by --kernel-image',
    });
  }
  const found = packageOf(name, packages);
  if (found !== undefined) return found;
  const there = packages.map(({ version }) => `debian-${upstream(version)}`);
  throw new UserError('LAB_KERNEL', `There is no kernel ${name} in this host's package index`, {
    expected:
      there.length === 0
        ? 'a package index with Debian kernels, or --kernel-image'
        : [...new Set(there)].join(', '),
  });
}

/** `6.1.192` of `6.1.192-2`. */
export function upstream(version: string): string {
  return /^[\d.]+/.exec(version)?.[0] ?? version;
}

function packageOf(name: string, packages: readonly DebianPackage[]): DebianPackage | undefined {
  const wanted = NAME.exec(name)?.[1];
  return wanted === undefined ? undefined : packages.filter(({ version }) => isOf(version, wanted)).at(-1);
}

function isOf(version: string, wanted: string): boolean {
  return version === wanted || upstream(version) === wanted || upstream(version).startsWith(`${wanted}.`);
}

/** By numbers where there are numbers, as Debian compares versions; `~` comes before the end. */
export function byVersion(a: DebianPackage, b: DebianPackage): number {
  return collator.compare(a.version.replaceAll('~', ' '), b.version.replaceAll('~', ' '));
}

const collator = new Intl.Collator('en', { numeric: true });

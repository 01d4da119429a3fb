import { UserError } from '@quiesce/simulation';
import type { Cache } from '../cache/cache.ts';
import { runTool } from '../tools/run-tool.ts';
import { cachedPackages, type DebianPackage } from './debian-package.ts';

/** Rows of `apt-cache madison`: ` name | version | archive suite/component architecture Packages`. */
export function parseMadison(text: string): DebianPackage[] {
  const packages = new Map<string, DebianPackage>();
  for (const line of text.split('\n')) {
    const [name, version, source] = line.split('|').map((column) => column.trim());
    if (!name || !version || !source || !/ Packages$/.test(source)) continue;
    packages.set(`${name}_${version}`, { name, version });
  }
  return [...packages.values()];
}

/** Every version that this host's package index has of these packages; of names that it does not have, nothing. */
export async function packageVersions(names: readonly string[]): Promise<DebianPackage[]> {
  if (names.length === 0) return [];
  return parseMadison((await runTool('apt-cache', ['madison', ...names])).toString('utf8'));
}

/** Names in this host's package index that begin so. */
export async function packageNames(prefix: string): Promise<string[]> {
  return (await runTool('apt-cache', ['pkgnames', prefix]))
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .sort();
}

/** The version that `apt-get install` would take: the row `Candidate:` of `apt-cache policy`. */
export function parseCandidate(text: string): string | undefined {
  const candidate = /^ {2}Candidate: (\S+)$/m.exec(text)?.[1];
  return candidate === '(none)' ? undefined : candidate;
}

/**
 * The version of a package that the lab takes: one that is in the cache, or what `apt-get install` would take. What runs in
 * the guest need not be the newest.
 * @throws UserError `LAB_PACKAGE` if the index does not have it, `LAB_TOOL_MISSING`
 */
export async function chosenPackage(name: string, cache: Cache): Promise<DebianPackage> {
  const cached = (await cachedPackages(cache)).find((each) => each.name === name);
  if (cached !== undefined) return cached;
  const version = parseCandidate((await runTool('apt-cache', ['policy', name])).toString('utf8'));
  if (version !== undefined) return { name, version };
  throw new UserError('LAB_PACKAGE', `The package index of this host does not have ${name}`, {
    expected: 'the package index of a Debian release: apt-get update',
  });
}

/** Names of the packages that a package needs to be installed; of alternatives, all. */
export async function packageDependencies(name: string): Promise<string[]> {
  const text = (await runTool('apt-cache', ['depends', '--important', name])).toString('utf8');
  return [...text.matchAll(/^ [ |](?:Pre)?Depends: ([a-z0-9.+-]+)(?::\S+)?$/gm)].map((line) => line[1]!);
}

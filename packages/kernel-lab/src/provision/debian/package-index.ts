import { UserError } from '@quiesce/simulation';
import { runTool } from '../tools/run-tool.ts';
import type { DebianPackage } from './debian-package.ts';

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

/**
 * What `apt-get install` would take of each of these packages: name by name.
 * @throws UserError `LAB_PACKAGE` naming those that the index does not have
 */
export async function candidatePackages(names: readonly string[]): Promise<DebianPackage[]> {
  const text = (await runTool('apt-cache', ['policy', ...names])).toString('utf8');
  const found = new Map<string, string>();
  let name = '';
  for (const line of text.split('\n')) {
    const heading = /^(\S+):$/.exec(line);
    if (heading) name = heading[1]!.replace(/:amd64$/, '');
    const candidate = /^ {2}Candidate: (\S+)/.exec(line);
    if (candidate && candidate[1] !== '(none)') found.set(name, candidate[1]!);
  }
  const absent = names.filter((each) => !found.has(each));
  if (absent.length > 0) {
    throw new UserError('LAB_PACKAGE', `The package index of this host does not have: ${absent.join(', ')}`, {
      expected: 'the package index of a Debian release: apt-get update',
    });
  }
  return names.map((each) => ({ name: each, version: found.get(each)! }));
}

/** Names of the packages that a package needs to be installed; of alternatives, all. */
export async function packageDependencies(name: string): Promise<string[]> {
  const text = (await runTool('apt-cache', ['depends', '--important', name])).toString('utf8');
  return [...text.matchAll(/^ [ |](?:Pre)?Depends: ([a-z0-9.+-]+)(?::\S+)?$/gm)].map((line) => line[1]!);
}

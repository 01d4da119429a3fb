import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '@quiesce/simulation';
import type { Cache } from '../cache/cache.ts';
import { runTool } from '../tools/run-tool.ts';

/** One binary package of a Debian archive. */
export interface DebianPackage {
  readonly name: string;
  /** `6.1.192-2` */
  readonly version: string;
}

const KIND = 'package';

/** Under which key of the cache a package's files stand. */
export function packageKey(debianPackage: DebianPackage): string {
  return `${KIND}/${debianPackage.name}_${debianPackage.version}`;
}

/** Packages whose files are in the cache. */
export async function cachedPackages(cache: Cache): Promise<DebianPackage[]> {
  return (await cache.list(KIND)).map((entry) => {
    const [name = '', version = ''] = entry.split('_');
    return { name, version };
  });
}

/**
 * The directory under which a package's files stand as they would under `/`. Fetched by `apt-get download`, which needs no
 * rights and checks the archive's signature; not installed, and no script of it is run.
 * @throws UserError `LAB_PACKAGE` if the archive does not give it
 */
export function unpackedPackage(cache: Cache, debianPackage: DebianPackage): Promise<string> {
  const { name, version } = debianPackage;
  return cache.entry(packageKey(debianPackage), async (directory) => {
    const download = join(directory, '.download');
    await mkdir(download);
    try {
      await runTool('apt-get', ['-q', '-o', 'APT::Sandbox::User=root', 'download', `${name}=${version}`], {
        cwd: download,
        timeoutMs: 30 * 60_000,
      });
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'LAB_TOOL_FAILED') throw error;
      throw new UserError(
        'LAB_PACKAGE',
        `The Debian package ${name} ${version} can't be had: ${error.message}`,
        {
          expected: 'a package index that is not older than the archive: apt-get update',
        },
      );
    }
    const files = await readdir(download);
    const file = files.find((each) => each.endsWith('.deb'));
    if (file === undefined) throw new UserError('LAB_PACKAGE', `apt-get gave no file for ${name} ${version}`);
    await runTool('dpkg-deb', ['-x', join(download, file), join(directory, '.files')]);
    for (const top of await readdir(join(directory, '.files'))) {
      await rename(join(directory, '.files', top), join(directory, top));
    }
    await rm(join(directory, '.files'), { recursive: true });
    await rm(download, { recursive: true });
  });
}

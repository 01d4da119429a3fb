import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '@quiesce/simulation';
import type { Cache } from '../cache/cache.ts';
import { unpackedPackage } from '../debian/debian-package.ts';
import { chosenPackage } from '../debian/package-index.ts';
import { LibrarySearch, libraryClosure } from './library-search.ts';

/** A program that runs in the guest. */
export interface GuestProgram {
  /** Its place in the guest, without the leading slash, and its places in the package. */
  readonly path: string;
  readonly places: readonly string[];
  readonly debianPackage: string;
  /** What it reads: directories of packages, copied as they are. */
  readonly data?: { readonly debianPackage: string; readonly directory: string };
}

/** Name of a program of the guest. */
export type GuestProgramName = 'busybox' | 'kexec' | 'lspci' | 'setpci' | 'ethtool' | 'arecord';

/** Programs of the guest by name. */
export const guestPrograms: Readonly<Record<GuestProgramName, GuestProgram>> = {
  busybox: {
    path: 'bin/busybox',
    places: ['bin/busybox', 'usr/bin/busybox'],
    debianPackage: 'busybox-static',
  },
  kexec: { path: 'sbin/kexec', places: ['sbin/kexec', 'usr/sbin/kexec'], debianPackage: 'kexec-tools' },
  lspci: { path: 'usr/bin/lspci', places: ['usr/bin/lspci', 'bin/lspci'], debianPackage: 'pciutils' },
  setpci: { path: 'usr/bin/setpci', places: ['usr/bin/setpci', 'bin/setpci'], debianPackage: 'pciutils' },
  ethtool: { path: 'sbin/ethtool', places: ['sbin/ethtool', 'usr/sbin/ethtool'], debianPackage: 'ethtool' },
  arecord: {
    path: 'usr/bin/arecord',
    places: ['usr/bin/aplay', 'usr/bin/arecord'],
    debianPackage: 'alsa-utils',
    data: { debianPackage: 'libasound2-data', directory: 'usr/share/alsa' },
  },
};

/** Changes when what is written into an entry changes. */
const FORMAT = 1;

/**
 * A directory with one program as the guest sees it: the program, its libraries, its loader, its data. Everything comes
 * from Debian packages, nothing from the host's installation, so that it is the same everywhere and needs no rights.
 * @throws UserError `LAB_PACKAGE`, `LAB_LIBRARY` if no package has a library that it asks for, `LAB_TOOL_MISSING`
 */
export async function guestProgram(name: GuestProgramName, cache: Cache): Promise<string> {
  const program = guestPrograms[name];
  const debianPackage = await chosenPackage(program.debianPackage, cache);
  const key = `program/${name}_${debianPackage.version}.${FORMAT}`;
  return cache.entry(key, async (building) => {
    const search = new LibrarySearch(cache);
    const root = await search.take(debianPackage);
    const found = program.places.map((place) => join(root, place)).find((place) => existsSync(place));
    if (found === undefined) {
      throw new UserError('LAB_PACKAGE', `The package ${program.debianPackage} has no ${name}`, {
        expected: program.places.join(' or '),
      });
    }
    await place(building, program.path, await readFile(await realpath(found)), 0o755);
    for (const [path, library] of await libraryClosure(found, program.debianPackage, search)) {
      await place(building, path, await readFile(library), 0o755);
    }
    if (program.data !== undefined) {
      const data = await chosenPackage(program.data.debianPackage, cache);
      const from = join(await unpackedPackage(cache, data), program.data.directory);
      await cp(from, join(building, program.data.directory), { recursive: true });
    }
  });
}

async function place(root: string, path: string, content: Uint8Array, mode: number): Promise<void> {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content, { mode });
}

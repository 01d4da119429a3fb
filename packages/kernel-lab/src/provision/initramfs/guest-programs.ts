import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '@quiesce/simulation';
import type { Cache } from '../cache/cache.ts';
import { cachedPackages, type DebianPackage, unpackedPackage } from '../debian/debian-package.ts';
import { candidatePackages, packageDependencies } from '../debian/package-index.ts';
import { ElfFile } from '../elf/elf-file.ts';
import { interpreter, neededLibraries } from '../elf/shared-libraries.ts';

/** A program that runs in the guest. */
interface GuestProgram {
  /** Its place in the guest, without the leading slash, and its places in the package. */
  readonly path: string;
  readonly places: readonly string[];
  readonly debianPackage: string;
  /** What it reads: directories of packages, copied as they are. */
  readonly data?: { readonly debianPackage: string; readonly directory: string };
}

/** Programs of the guest by name. */
export const guestPrograms = {
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
} as const satisfies Record<string, GuestProgram>;

/** Name of a program of the guest. */
export type GuestProgramName = keyof typeof guestPrograms;

/** Where programs look for libraries. */
const LIBRARY_DIRECTORIES = [
  'lib/x86_64-linux-gnu',
  'usr/lib/x86_64-linux-gnu',
  'lib64',
  'usr/lib64',
  'lib',
  'usr/lib',
];

/** Changes when what is written into an entry changes. */
const FORMAT = 1;

/**
 * A directory with one program as the guest sees it: the program, its libraries, its loader, its data. Everything comes
 * from Debian packages, nothing from the host's installation, so that it is the same everywhere and needs no rights.
 * @throws UserError `LAB_PACKAGE`, `LAB_LIBRARY` if no package has a library that it asks for, `LAB_TOOL_MISSING`
 */
export async function guestProgram(name: GuestProgramName, cache: Cache): Promise<string> {
  const program: GuestProgram = guestPrograms[name];
  const [debianPackage] = await programPackages([program.debianPackage], cache);
  const key = `program/${name}_${debianPackage!.version}.${FORMAT}`;
  return cache.entry(key, async (building) => {
    const search = new LibrarySearch(cache);
    const root = await search.take(debianPackage!);
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
      const [data] = await candidatePackages([program.data.debianPackage]);
      const from = join(await unpackedPackage(cache, data!), program.data.directory);
      await cp(from, join(building, program.data.directory), { recursive: true });
    }
  });
}

/** Packages as the index has them; where there is no index, as the cache has them. */
async function programPackages(names: readonly string[], cache: Cache): Promise<DebianPackage[]> {
  try {
    return await candidatePackages(names);
  } catch (error) {
    const cached = await cachedPackages(cache);
    const found = names.map((name) => cached.find((each) => each.name === name));
    if (!(error instanceof UserError) || found.includes(undefined)) throw error;
    return found as DebianPackage[];
  }
}

async function place(root: string, path: string, content: Uint8Array, mode: number): Promise<void> {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content, { mode });
}

/** Every library that a program needs, directly or not, and its loader: path in the guest -> file. */
async function libraryClosure(
  program: string,
  debianPackage: string,
  search: LibrarySearch,
): Promise<Map<string, string>> {
  const libraries = new Map<string, string>();
  const queue = [{ file: program, of: debianPackage }];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const elf = new ElfFile(await readFile(next.file), next.file);
    const loader = interpreter(elf);
    const wanted = neededLibraries(elf).map((name) => ({ name, path: join('lib/x86_64-linux-gnu', name) }));
    if (loader !== undefined) wanted.push({ name: basename(loader), path: loader.slice(1) });
    for (const { name, path } of wanted) {
      if (libraries.has(path) || (loader === undefined && name.startsWith('ld-linux'))) continue;
      const found = await search.find(name, next.of);
      libraries.set(path, found.file);
      queue.push({ file: found.file, of: found.debianPackage });
    }
  }
  return libraries;
}

/** Looks for libraries in packages, and fetches what those depend on where it must. */
class LibrarySearch {
  readonly #cache: Cache;
  readonly #roots = new Map<string, string>();

  constructor(cache: Cache) {
    this.#cache = cache;
  }

  /** Fetches a package, so that its libraries are found. */
  async take(debianPackage: DebianPackage): Promise<string> {
    const root = await unpackedPackage(this.#cache, debianPackage);
    this.#roots.set(debianPackage.name, root);
    return root;
  }

  /** The library's file, and which package it is of; `of` is the package that asks for it. */
  async find(library: string, of: string): Promise<{ file: string; debianPackage: string }> {
    for (const [debianPackage, root] of this.#roots) {
      const file = await libraryIn(root, library);
      if (file !== undefined) return { file, debianPackage };
    }
    const stem = /^(?:lib)?([a-z]+)/.exec(library)?.[1] ?? library;
    const names = (await packageDependencies(of)).filter(
      (name) => !this.#roots.has(name) && /lib/.test(name),
    );
    // Packages of libraries are mostly called like them.
    names.sort((a, b) => Number(b.includes(stem)) - Number(a.includes(stem)));
    for (const name of names) {
      const [debianPackage] = await candidatePackages([name]);
      const file = await libraryIn(await this.take(debianPackage!), library);
      if (file !== undefined) return { file, debianPackage: name };
    }
    throw new UserError('LAB_LIBRARY', `No package that ${of} depends on has the library ${library}`);
  }
}

async function libraryIn(root: string, library: string): Promise<string | undefined> {
  for (const directory of LIBRARY_DIRECTORIES) {
    const file = join(root, directory, library);
    // A link whose target is in another package is not the library.
    if (existsSync(file)) return realpath(file);
  }
  return undefined;
}

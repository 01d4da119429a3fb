import { existsSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '@quiesce/simulation';
import type { Cache } from '../cache/cache.ts';
import { type DebianPackage, unpackedPackage } from '../debian/debian-package.ts';
import { chosenPackage, packageDependencies } from '../debian/package-index.ts';
import { ElfFile } from '../elf/elf-file.ts';
import { interpreter, neededLibraries } from '../elf/shared-libraries.ts';

/** Where programs look for libraries. */
const LIBRARY_DIRECTORIES = [
  'lib/x86_64-linux-gnu',
  'usr/lib/x86_64-linux-gnu',
  'lib64',
  'usr/lib64',
  'lib',
  'usr/lib',
];

/** Every library that a program needs, directly or not, and its loader: path in the guest -> file. */
export async function libraryClosure(
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
export class LibrarySearch {
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
      const debianPackage = await chosenPackage(name, this.#cache);
      const file = await libraryIn(await this.take(debianPackage), library);
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

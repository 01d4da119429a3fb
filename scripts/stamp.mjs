import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './environment.mjs';

const folder = join(root, 'node_modules', '.cache', 'quiesce');

function tryRead(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Names of the folders that hold a package, relative to the root. */
export function packageFolders() {
  const found = [];
  for (const group of ['packages', 'examples']) {
    let names = [];
    try {
      names = readdirSync(join(root, group)).sort();
    } catch {
      continue;
    }
    for (const name of names) {
      if (tryRead(join(root, group, name, 'package.json')) !== undefined) found.push(`${group}/${name}`);
    }
  }
  return found;
}

/** A digest of the contents of files that may be missing. */
export function digestOfContents(paths) {
  const hash = createHash('sha256').update(process.version).update(process.platform).update(process.arch);
  for (const path of paths) hash.update(path).update(tryRead(join(root, path)) ?? 'missing');
  return hash.digest('hex');
}

/** A digest of names, sizes and times of all files below `folders`: cheap, and changes with any edit. */
export function digestOfTimes(folders) {
  const hash = createHash('sha256').update(process.version);
  const visit = (path) => {
    let entries;
    try {
      entries = readdirSync(join(root, path), { withFileTypes: true });
    } catch {
      hash.update(`${path} missing`);
      return;
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const below = `${path}/${entry.name}`;
      if (entry.isDirectory()) visit(below);
      else {
        const { size, mtimeMs } = statSync(join(root, below));
        hash.update(`${below} ${size} ${mtimeMs}\n`);
      }
    }
  };
  for (const folder of folders) visit(folder);
  return hash.digest('hex');
}

/** True if the step called `name` was last done for this digest. */
export function isUpToDate(name, digest) {
  return tryRead(join(folder, `${name}.stamp`)) === digest;
}

/** Remembers that the step called `name` is done for this digest. */
export function markDone(name, digest) {
  const path = join(folder, `${name}.stamp`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, digest);
}

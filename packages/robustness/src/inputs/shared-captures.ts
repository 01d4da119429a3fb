import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from './package-folder.ts';

/** Real captures beside the repository, where they are at hand. */
const folder = join(packageFolder(), '../../../shared/real-captures');

/** Files of real machines and logs whose name fits; empty where the folder is absent. */
export function sharedFiles(below: string, name: RegExp, most: number): Uint8Array[] {
  const root = join(folder, below);
  if (!existsSync(root)) return [];
  return (
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && name.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .slice(0, most)
      // Slices of a Buffer share its memory: those of plain bytes do not.
      .map((path) => new Uint8Array(readFileSync(path)))
  );
}

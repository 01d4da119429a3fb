import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** This package's folder, from its sources or from what they were built to. */
export function packageFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A folder of this package, whether it runs from sources or from its build.
 *
 * @throws Error if there is no such folder
 */
export function packageFolder(name: string): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json'))) {
      const folder = join(at, name);
      if (existsSync(folder)) return folder;
      throw new Error(`${at} has no ${name}`);
    }
    if (dirname(at) === at) throw new Error('this file lies in no package');
  }
}

import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { UserError } from '@quiesce/simulation';

/**
 * Finds the module of a strategy: `none` is `@quiesce/strategy-none`, anything else a package or a file.
 * Looked up from each folder of `from` in turn, so that a user's own packages come before the command's.
 * @returns URL of the module
 * @throws UserError `STRATEGY_UNKNOWN`
 */
export function findPlugin(
  specifier: string,
  from: readonly string[],
  known: readonly string[] = [],
): string {
  const candidates =
    specifier.startsWith('.') || path.isAbsolute(specifier)
      ? [specifier]
      : [`@quiesce/strategy-${specifier}`, `quiesce-strategy-${specifier}`, specifier];
  for (const folder of from) {
    const require = createRequire(path.join(folder, 'package.json'));
    for (const candidate of candidates) {
      try {
        const found = require.resolve(candidate);
        if (path.isAbsolute(found)) return pathToFileURL(found).href;
      } catch {
        // Not here; the next one may be.
      }
    }
  }
  const expected =
    known.length > 0 ? `one of ${known.join(', ')}, or a package or file` : 'a package or file';
  throw new UserError('STRATEGY_UNKNOWN', `there is no strategy "${specifier}"`, { expected });
}

import { existsSync, readFileSync, statSync } from 'node:fs';
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
  for (const folder of from) {
    const found = findFile(specifier, folder) ?? findPackage(specifier, folder);
    if (found !== undefined) return pathToFileURL(found).href;
  }
  const expected =
    known.length > 0 ? `one of ${known.join(', ')}, or a package or file` : 'a package or file';
  throw new UserError('STRATEGY_UNKNOWN', `there is no strategy "${specifier}"`, { expected });
}

/** A file by its path, with or without `./` in front. */
function findFile(specifier: string, folder: string): string | undefined {
  if (!/\.[cm]?[jt]s$/.test(specifier)) return undefined;
  const file = path.resolve(folder, specifier);
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true ? file : undefined;
}

function findPackage(specifier: string, folder: string): string | undefined {
  if (specifier === '') return undefined;
  const require = createRequire(path.join(folder, 'package.json'));
  const isPath = specifier.startsWith('.') || path.isAbsolute(specifier);
  const names = [`@quiesce/strategy-${specifier}`, `quiesce-strategy-${specifier}`, specifier];
  for (const name of isPath ? [specifier] : names) {
    try {
      const found = require.resolve(name);
      if (path.isAbsolute(found)) return found;
    } catch (error) {
      const forImportOnly = (error as NodeJS.ErrnoException).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
      const found = forImportOnly ? importEntry(name, require.resolve.paths(name) ?? []) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** Entry of a package that offers itself to `import` alone, which `require.resolve` cannot see. */
function importEntry(name: string, folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    const manifest = path.join(folder, name, 'package.json');
    if (!existsSync(manifest)) continue;
    const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as { exports?: unknown };
    const main = (exports as Record<string, unknown> | undefined)?.['.'] ?? exports;
    const target = importTarget(main);
    return target === undefined ? undefined : path.join(folder, name, target);
  }
  return undefined;
}

function importTarget(entry: unknown): string | undefined {
  if (typeof entry === 'string') return entry;
  if (typeof entry !== 'object' || entry === null) return undefined;
  for (const [condition, target] of Object.entries(entry)) {
    if (!['node', 'import', 'module-sync', 'default'].includes(condition)) continue;
    const found = importTarget(target);
    if (found !== undefined) return found;
  }
  return undefined;
}

import { join } from 'node:path';
import envPaths from 'env-paths';

/**
 * Where the lab keeps kernels, symbols, initramfs images and programs: `$QUIESCE_LAB_CACHE`, or `quiesce/lab` where this
 * system keeps caches (`$XDG_CACHE_HOME`, `~/.cache`).
 */
export function defaultCacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = environment.QUIESCE_LAB_CACHE;
  if (chosen !== undefined && chosen !== '') return chosen;
  return join(envPaths('quiesce', { suffix: '' }).cache, 'lab');
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build as bundle } from 'tsdown';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Cache } from './cache.ts';
import { defaultCacheDirectory } from './default-directory.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'quiesce-cache-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function building(): string[] {
  const path = join(directory, '.building');
  return existsSync(path) ? readdirSync(path) : [];
}

/** Node 20 runs no TypeScript: the child is bundled from the sources. */
async function bundled(): Promise<string> {
  const outDir = join(directory, 'bundle');
  await bundle({
    config: false,
    cwd: import.meta.dirname,
    entry: { child: 'testing/build-and-hang.ts' },
    outDir,
    format: 'esm',
    platform: 'node',
    dts: false,
    logLevel: 'error',
    noExternal: [/.*/],
    inputOptions: { resolve: { conditionNames: ['@quiesce/source', 'import', 'node', 'default'] } },
  });
  return join(outDir, 'child.mjs');
}

it('builds an entry once, however many ask for it', async () => {
  let builds = 0;
  const build = async (path: string): Promise<void> => {
    builds++;
    await writeFile(join(path, 'file'), 'whole');
  };
  const paths = await Promise.all(
    Array.from({ length: 4 }, () => new Cache(directory).entry('kind/one', build)),
  );
  expect(builds).toBe(1);
  expect(new Set(paths).size).toBe(1);
  expect(readFileSync(join(paths[0]!, 'file'), 'utf8')).toBe('whole');
  expect(await new Cache(directory).list('kind')).toEqual(['one']);
  expect(building()).toEqual([]);
});

it('builds two entries side by side', async () => {
  const cache = new Cache(directory);
  let inFirst: () => void = () => {};
  const first = cache.entry('kind/first', () => new Promise<void>((resolve) => (inFirst = resolve)));
  await cache.entry('kind/second', async () => {});
  expect(cache.has('kind/second')).toBe(true);
  expect(cache.has('kind/first')).toBe(false);
  inFirst();
  await first;
  expect(cache.has('kind/first')).toBe(true);
});

it('has no entry whose build failed, and builds it when asked again', async () => {
  const cache = new Cache(directory);
  const failing = cache.entry('kind/one', async (path) => {
    await writeFile(join(path, 'file'), 'half');
    throw new Error('no space');
  });
  await expect(failing).rejects.toThrow('no space');
  expect(cache.has('kind/one')).toBe(false);
  expect(building()).toEqual([]);
  await cache.entry('kind/one', async () => {});
  expect(cache.has('kind/one')).toBe(true);
});

it.each(['', '..', 'kind/../../etc', '/etc', 'kind//one', 'kind/a b'])('refuses the key %j', async (key) => {
  await expect(new Cache(directory).entry(key, async () => {})).rejects.toMatchObject({
    code: 'LAB_CACHE_KEY',
  });
});

it('removes what a killed process left half built, and builds it anew', async () => {
  const child = spawn(process.execPath, [await bundled(), directory, 'kind/one'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  expect(building()).toHaveLength(1);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(existsSync(join(directory, 'kind', 'one'))).toBe(false);
  // Its lock is not stale yet: it might be alive.
  const cache = new Cache(directory);
  await cache.entry('kind/two', async () => {});
  expect(building()).toHaveLength(1);
  // Instead of waiting until it is.
  utimesSync(join(directory, '.locks', 'kind=one.lock'), 0, 0);
  const path = await cache.entry('kind/one', async (into) => {
    expect(building()).toHaveLength(1);
    await writeFile(join(into, 'file'), 'whole');
  });
  expect(readdirSync(path)).toEqual(['file']);
  expect(building()).toEqual([]);
});

it('leaves alone what another process is building', async () => {
  const other = new Cache(directory);
  let finish: () => void = () => {};
  const entry = other.entry('kind/one', () => new Promise<void>((resolve) => (finish = resolve)));
  await expect.poll(building).toHaveLength(1);
  await new Cache(directory).entry('kind/two', async () => {});
  expect(building()).toHaveLength(1);
  finish();
  await entry;
});

it('removes what a leftover of a process without a lock is', async () => {
  await mkdir(join(directory, '.building', 'kind=one.0123456789ab'), { recursive: true });
  await new Cache(directory).entry('kind/two', async () => {});
  expect(building()).toEqual([]);
});

it('prunes what nobody has asked for in a long time', async () => {
  const cache = new Cache(directory);
  const old = await cache.entry('kind/old', async () => {});
  const wanted = await cache.entry('kind/wanted', async () => {});
  for (const path of [old, wanted]) utimesSync(path, 0, 0);
  await cache.entry('kind/wanted', async () => {});
  await cache.prune('kind', 60_000);
  expect(await cache.list('kind')).toEqual(['wanted']);
});

it('stands where the environment says', () => {
  expect(defaultCacheDirectory({ QUIESCE_LAB_CACHE: '/somewhere' })).toBe('/somewhere');
  expect(defaultCacheDirectory({})).toMatch(/quiesce.*lab$/);
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { publicPackages, read, root } from './repository.ts';

describe.each(publicPackages().map((one) => [one.manifest.name, one] as const))('%s', (_, one) => {
  const { manifest, path, folder } = one;

  it('says what it is and under which terms', () => {
    expect(manifest.name).toBe(`@quiesce/${folder}`);
    expect(manifest.description?.length).toBeGreaterThan(15);
    expect(manifest.license).toBe('Apache-2.0');
    expect(manifest.engines?.node).toBe('>=20.19');
    // pnpm puts the root's LICENSE into a tarball whose package has none of its own.
    expect(existsSync(join(path, 'LICENSE')) || existsSync(join(root, 'LICENSE'))).toBe(true);
  });

  it('is ESM without side effects, with sources for development and dist for users', () => {
    expect(manifest.type).toBe('module');
    expect(manifest.sideEffects).toBe(false);
    expect(manifest.files).toEqual(expect.arrayContaining(['dist', 'README.md', 'LICENSE']));
    for (const [entry, conditions] of Object.entries(manifest.exports ?? {})) {
      if (typeof conditions === 'string') continue;
      expect(Object.keys(conditions), entry).toEqual(['@quiesce/source', 'types', 'default']);
      expect(existsSync(join(path, conditions['@quiesce/source'] as string)), entry).toBe(true);
    }
    const published = JSON.parse(JSON.stringify(manifest.exports ?? {}), (key, value) =>
      key === '@quiesce/source' ? undefined : value,
    );
    expect(manifest.publishConfig, 'published: the same without sources').toEqual({
      access: 'public',
      exports: published,
    });
    expect(manifest.exports?.['./package.json']).toBe('./package.json');
  });

  it('has a README that begins with a runnable example', () => {
    expect(existsSync(join(path, 'README.md')), 'README.md is there').toBe(true);
    const readme = readFileSync(join(path, 'README.md'), 'utf8');
    expect(readme.startsWith(`# ${manifest.name}\n`)).toBe(true);
    const firstBlock = /^```(\w*)\n([\s\S]*?)^```/m.exec(readme);
    expect(['ts', 'js', 'sh', 'console']).toContain(firstBlock?.[1]);
    expect(firstBlock?.[2]).toContain(folder === 'cli' ? 'quiesce' : manifest.name);
    const before = readme.slice(0, firstBlock?.index).split('\n').length;
    expect(before, 'lines before the example').toBeLessThan(12);
  });
});

it('the version of pnpm is exact, so that every machine sets up alike', () => {
  expect(JSON.parse(read('package.json')).packageManager).toMatch(/^pnpm@\d+\.\d+\.\d+$/);
});

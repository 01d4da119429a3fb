import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Import, importsOf } from './imports.ts';
import { floorOf, isTest, packages, read, sourceFiles } from './repository.ts';

/** Packages whose table formats a strategy may need. */
const tableFormats: readonly string[] = ['vtd-iommu', 'amd-iommu', 'smmu-v3'];

/** Packages above floor 3 that run in a browser, too. */
const portable: readonly string[] = ['diagnose', 'report'];

/** Why `folder` may not import as it does; undefined if it may. */
function objection(folder: string, path: string, one: Import): string | undefined {
  const floor = floorOf(folder) as number;
  if (one.specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(path), one.specifier);
    return target.startsWith(`packages/${folder}/`) ? undefined : 'a relative import leaves the package';
  }
  if (/^node:/.test(one.specifier)) {
    const isPortable = floor <= 3 || portable.includes(folder);
    return isPortable && !isTest(path) ? `${folder} runs in a browser too` : undefined;
  }
  const own = /^@quiesce\/([^/]+)/.exec(one.specifier)?.[1];
  if (own === undefined || own === folder) return undefined;
  const below = floorOf(own);
  if (below === undefined) return `${own} has no floor`;
  if (below >= floor) return `imports go down only: ${folder} is on floor ${floor}, ${own} on ${below}`;
  if (isTest(path)) return undefined;
  if (folder === 'strategy' && below > 0 && !one.typeOnly) {
    return 'the plugin interface takes types alone from hardware models';
  }
  if (folder.startsWith('strategy-') && own !== 'strategy' && !tableFormats.includes(own)) {
    return 'a strategy knows its interface and table formats only';
  }
  return undefined;
}

describe('imports', () => {
  it.each(packages().map(({ folder }) => folder))('of %s go down floors', (folder) => {
    expect(floorOf(folder), 'every package stands on a floor').toBeDefined();
    const wrong = sourceFiles(folder).flatMap((path) =>
      importsOf(path, read(path)).flatMap((one) => {
        const why = objection(folder, path, one);
        return why === undefined ? [] : [`${path}:${one.line} imports ${one.specifier}: ${why}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('are objected to where they go up, sideways, out or to Node', () => {
    const object = (folder: string, statement: string): string | undefined => {
      const path = `packages/${folder}/src/a/b.ts`;
      return objection(folder, path, importsOf(path, statement)[0] as Import);
    };
    expect(object('simulation', `import { x } from '@quiesce/machine';`)).toMatch(/down only/);
    expect(object('pcie-model', `export * from '@quiesce/vtd-iommu';`)).toMatch(/down only/);
    expect(object('strategy', `import { Fabric } from '@quiesce/pcie-model';`)).toMatch(/types alone/);
    expect(object('strategy', `import type { Fabric } from '@quiesce/pcie-model';`)).toBeUndefined();
    expect(object('strategy', `import { UserError } from '@quiesce/simulation';`)).toBeUndefined();
    expect(object('strategy-none', `import type { Machine } from '@quiesce/machine';`)).toMatch(/formats/);
    expect(object('machine', `const fs = await import('node:fs');`)).toMatch(/browser/);
    expect(object('diagnose', `import fs from 'node:fs';`)).toMatch(/browser/);
    expect(object('cli', `import fs from 'node:fs';`)).toBeUndefined();
    expect(object('machine', `import { x } from '../../../simulation/src/index.ts';`)).toMatch(/leaves/);
    expect(object('machine', `import { x } from '../c.ts';`)).toBeUndefined();
    expect(object('cli', `type X = import('@quiesce/nowhere').X;`)).toMatch(/no floor/);
  });
});

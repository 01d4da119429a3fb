import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { generateApiSnapshot } from 'tsnapi';
import { describe, expect, it } from 'vitest';
import { publicPackages } from '../tidy/repository.ts';

// What each entry declares stands in packages/*/etc. `pnpm api:update` writes it anew; the diff is for review.
describe.each(publicPackages().map(({ manifest, path }) => [manifest.name, path] as const))(
  '%s',
  (name, path) => {
    it('exports what its API snapshot says', async () => {
      expect(existsSync(join(path, 'dist')), `${name} is built`).toBe(true);
      const entries = await generateApiSnapshot(path);
      for (const [entry, { dts }] of Object.entries(entries)) {
        if (entry.endsWith('.json')) continue;
        const file = entry === '.' ? 'index' : entry.replace(/^\.\//, '').replaceAll('/', '-');
        await expect(dts).toMatchFileSnapshot(join(path, 'etc', `${file}.api.d.ts`));
      }
    });
  },
);

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { root } from '../tidy/repository.ts';
import { Consumer } from './consumer.ts';

const example = join(root, 'examples/third-party-strategy');

it.skipIf(!existsSync(example))(
  'an outsider’s strategy passes its own tests, from packed tarballs alone',
  async () => {
    const outsider = new Consumer();
    try {
      outsider.copy(example);
      const installed = await outsider.install(inject('packed'));
      expect(installed.code, installed.stderr).toBe(0);
      const tested = await outsider.run('npm', ['test']);
      expect(tested.code, `${tested.stdout}${tested.stderr}`).toBe(0);
    } finally {
      outsider.remove();
    }
  },
);

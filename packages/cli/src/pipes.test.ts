import { expect, it } from 'vitest';
import { notBuilt, runBuilt } from './testing/built-command.ts';

it.skipIf(notBuilt)(
  'ends without a word when nobody reads any more',
  async () => {
    const { code, stderr } = await runBuilt(['machines', 'q35-lab', '--format=json'], {
      stopReadingAfter: 1,
    });
    expect(stderr).toBe('');
    expect(code).toBe(0);
  },
  60_000,
);

it.skipIf(notBuilt)(
  'colours only where they are wanted',
  async () => {
    const coloured = await runBuilt(['kernels'], { env: { FORCE_COLOR: '1', NO_COLOR: undefined } });
    const plain = await runBuilt(['kernels']);
    expect(coloured.stdout).toContain('\u001b[');
    expect(plain.stdout).not.toContain('\u001b[');
  },
  60_000,
);

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { importCapture } from '@quiesce/machine';
import { expect, it } from 'vitest';
import { assess } from './assess.ts';

// The captures do not come with the repository.
const folder = fileURLToPath(
  new URL('../../../../shared/real-captures/machines/dell-latitude-e6430', import.meta.url),
);

it.skipIf(!existsSync(folder))('a notebook is told what an expert would tell its owner', async () => {
  const files = ['lspci-nnvvvxxxx.txt', 'acpidump.txt'].map((path) => ({
    path,
    content: readFileSync(`${folder}/${path}`),
  }));
  const { advice, kernels, now, limits } = await assess(importCapture(files, { name: 'notebook' }), {
    seeds: 1,
  });
  expect(now?.tally.dumps.times).toBe(now?.tally.runs);
  expect(kernels.filter(({ avoid }) => avoid).map(({ name }) => name)).toEqual([
    'linux-3.0',
    'linux-3.10',
    'linux-5.11',
  ]);
  // Devices that nobody stops write on while the dump is read: their drivers stop them.
  expect(advice[0]?.title).toMatch(/^Bring 3 drivers \(.*e1000e.*\)/);
  expect(advice[0]?.measured?.gain.verdict).toBe('better');
  expect(limits.join()).toContain('registers of the remapping units');
});

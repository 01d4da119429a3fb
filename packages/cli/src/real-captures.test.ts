import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Comparison } from '@quiesce/benchmark';
import { describe, expect, it } from 'vitest';
import { ownStrategies } from './input/own-strategies.ts';
import { notBuilt } from './testing/built-command.ts';
import { runInProcess } from './testing/fake-io.ts';

const shared = fileURLToPath(new URL('../../../../shared/', import.meta.url));
// The captures do not come with the repository.
const absent = !existsSync(shared);

const machines = `${shared}real-captures/machines/`;
const captures: readonly (readonly [string, number, number, readonly string[]])[] = [
  [
    'dell-latitude-e6430',
    22,
    2,
    [
      `--lspci=${machines}dell-latitude-e6430/lspci-nnvvvxxxx.txt`,
      `--acpi=${machines}dell-latitude-e6430/acpidump.txt`,
    ],
  ],
  [
    'huananzhi-x99-bd4',
    87,
    2,
    [
      `--lspci=${machines}huananzhi-x99-bd4/lspci-nnvvvxxxx.txt`,
      `--acpi=${machines}huananzhi-x99-bd4/acpidump.txt`,
    ],
  ],
  [
    'dell-precision-5820-vmd',
    128,
    0,
    [
      `--lspci=${machines}dell-precision-5820-vmd/lspci-nnDvvvxxxx.txt`,
      `--iomem=${machines}dell-precision-5820-vmd/iomem.txt`,
    ],
  ],
  [
    'ground-truth',
    19,
    1,
    [
      `--lspci=${shared}ground-truth/lspci-nnvvv-xxxx.txt`,
      `--acpi=${shared}ground-truth/DMAR.bin`,
      `--iomem=${shared}ground-truth/iomem.txt`,
    ],
  ],
];

describe.skipIf(absent || notBuilt)('captures of real machines', () => {
  it.each(captures)(
    '%s is compared in full',
    async (name, functions, units, argv) => {
      const options = ['--seeds=1', '--workers=0', '--format=json'];
      const { code, stdout, stderr } = await runInProcess(['compare', ...argv, ...options]);
      expect(stderr).toBe('');
      expect(code).toBe(0);
      const { machine, runs } = JSON.parse(stdout) as Comparison;
      expect(machine).toEqual({ name, functions, units });
      expect(runs.map((run) => run.strategy)).toEqual(ownStrategies);
      for (const run of runs) expect(run).toMatchObject({ failure: null });
    },
    60_000,
  );

  it.each(captures)(
    '%s is shown with what was inferred and what could not be used',
    async (_, functions, __, argv) => {
      const { code, stdout } = await runInProcess(['machines', ...argv], 120);
      expect(code).toBe(0);
      expect(stdout).toContain(`${functions} functions`);
      expect(stdout).toMatch(/\d+ values inferred/);
      for (const line of stdout.split('\n').slice(1)) expect(line.length).toBeLessThan(200);
    },
  );
});

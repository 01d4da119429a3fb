import { existsSync, readFileSync } from 'node:fs';
import { preset } from '@quiesce/machine';
import type { Strategy, StrategyPlugin } from '@quiesce/strategy';
import { describe, expect, it } from 'vitest';
import { crash } from '../crash.ts';

const walk = new URL('../../../../../shared/ground-truth/vtd-walk.txt', import.meta.url);
const nothing: Strategy = { name: 'nothing', description: 'Does nothing.', sources: [] };
const idle: StrategyPlugin = { ...nothing, create: () => nothing };

function run(kernel: string, machine = preset('q35-lab')) {
  return crash({ machine, strategy: idle, kernel, seed: 1 }).outcome;
}

describe('domains of requesters', () => {
  it.skipIf(!existsSync(walk))(
    'at the crash of Linux 6 are those that were measured (needs ../shared)',
    () => {
      const { domains } = run('linux-6');
      const real = [...readFileSync(walk, 'utf8').matchAll(/^(\S+): root.* did=(\d+)$/gm)];
      expect(real.length).toBeGreaterThan(5);
      for (const [, name = '', id] of real)
        expect([name, domains[name]?.atCrash]).toEqual([name, Number(id)]);
    },
  );

  it('over copied tables: the old one without a driver, one that nobody had with it', () => {
    const machine = preset('q35-lab');
    const undriven = {
      ...machine,
      functions: machine.functions.map((one) =>
        one.name === '0000:01:00.0' ? { ...one, driver: { first: true, second: false } } : one,
      ),
    };
    const { domains } = run('linux-6', undriven);
    expect(domains['01:00.0']).toEqual({ atCrash: 10, atEnd: 10 });
    const atCrash = Object.values(domains).map((one) => one.atCrash);
    expect(atCrash).not.toContain(domains['04:00.0']?.atEnd);
  });

  it('tables rebuilt: given out from the beginning again', () => {
    const { domains } = run('linux-6-no-copy');
    expect(domains['01:00.0']).toEqual({ atCrash: 10, atEnd: 10 });
  });

  it('with translation off there is none', () => {
    const { domains } = run('linux-6-iommu-off');
    expect(domains['01:00.0']).toEqual({ atCrash: 10, atEnd: null });
  });

  it('lazy kernels have one for functions with drivers only', () => {
    const { domains } = run('linux-4.2');
    expect(domains['00:00.0']).toBeUndefined();
    expect(domains['01:00.0']?.atCrash).toBeGreaterThan(1);
  });
});

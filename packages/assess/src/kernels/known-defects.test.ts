import { readdirSync } from 'node:fs';
import { preset } from '@quiesce/machine';
import { expect, it } from 'vitest';
import { functionFindings } from '../functions/function-findings.ts';
import { knownDefects } from './known-defects.ts';

function defectsOf(
  name: string,
  version: readonly number[],
  scalable = false,
): ReturnType<typeof knownDefects> {
  const machine = preset(name);
  return knownDefects('intel-vt-d', version, {
    machine,
    host: { iommuGroups: {} },
    functions: functionFindings(machine),
    scalable,
  });
}

const byName = (defects: ReturnType<typeof knownDefects>, name: string) =>
  defects.find((one) => one.name === name);

it('an upper context table alone matters in scalable mode on such a bus only', () => {
  const astray = byName(defectsOf('scalable-2026', [6, 12, 107], true), 'upper-context-table');
  expect(astray).toMatchObject({ applies: true, present: true });
  expect(astray?.because).toContain('bus 82');
  const legacy = byName(defectsOf('scalable-2026', [6, 12, 107], false), 'upper-context-table');
  expect(legacy).toMatchObject({ applies: false, present: true });
  expect(byName(defectsOf('scalable-2026', [6, 12, 117], true), 'upper-context-table')?.present).toBe(false);
  expect(byName(defectsOf('q35-lab', [6, 12, 107], true), 'upper-context-table')?.applies).toBe(false);
  const between = byName(defectsOf('scalable-2026', [7, 2, 3], true), 'upper-context-table');
  expect(between).toMatchObject({ present: undefined, doubt: expect.stringContaining('7.2.6 puts') });
});

it('knows when copying began', () => {
  expect(byName(defectsOf('q35-lab', [3, 10, 0]), 'no-copy')?.present).toBe(true);
  expect(byName(defectsOf('q35-lab', [4, 2, 0]), 'no-copy')?.present).toBe(false);
});

it('tells device-TLBs that are forgotten in both modes from those of legacy entries', () => {
  const present = (version: readonly number[]) =>
    ['ats-cache', 'ats-cache-legacy'].map((name) => byName(defectsOf('q35-lab', version), name)?.present);
  expect(present([6, 1, 0])).toEqual([true, false]);
  expect(present([6, 17, 0])).toEqual([false, true]);
});

it('names cases that the record has, and conditions that there are', () => {
  const cases = readdirSync(new URL('../../../record/cases', import.meta.url));
  const ids = new Set(cases.map((file) => file.replace('.json', '')));
  for (const platform of ['intel-vt-d', 'amd-vi', 'smmu', 'none'] as const) {
    const machine = preset('q35-lab');
    const input = {
      machine,
      host: { iommuGroups: {} },
      functions: functionFindings(machine),
      scalable: false,
    };
    for (const { name, cases: named, because } of knownDefects(platform, [6, 1], input)) {
      expect(because, name).not.toContain('no condition');
      for (const id of named) expect(ids.has(id), `${name}: ${id}`).toBe(true);
    }
  }
});

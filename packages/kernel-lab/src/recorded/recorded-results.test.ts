import { fileURLToPath } from 'node:url';
import type { StrategyPlugin } from '@quiesce/strategy';
import { describe, expect, it } from 'vitest';
import { disagreementsOf } from '../comparison/compare-accounts.ts';
import { combinationName } from '../matrix/lab-combination.ts';
import { cellSentence } from '../report/cell-sentence.ts';
import { compareRecorded } from './compare-recorded.ts';
import { readResults } from './results-folder.ts';

// What real kernels did is kept beside the code, so that the model of today is held against it without any QEMU.
// `npm test` holds all of it against the model by `lab matrix --recorded`: here is a sample.

const all = await readResults(fileURLToPath(new URL('../../results', import.meta.url)));
const results = all.filter((_, index) => index % 6 === 0);

async function fromSources(name: string): Promise<StrategyPlugin> {
  const module = new URL(`../../../strategy-${name}/src/index.ts`, import.meta.url).href;
  return ((await import(/* @vite-ignore */ module)) as { default: StrategyPlugin }).default;
}

describe.skipIf(results.length === 0)('recorded runs of real kernels', () => {
  it.each(results.map((one) => [combinationName(one.combination), one] as const))(
    '%s: the model still says what was seen, or a limit of QEMU says why not',
    async (_name, recorded) => {
      const { comparisons } = compareRecorded(recorded, await fromSources(recorded.combination.strategy));
      expect(comparisons).toHaveLength(recorded.runs.length);
      const wrong = comparisons.flatMap((cells) =>
        disagreementsOf(cells).filter(({ standing }) => standing === 'disagrees'),
      );
      expect([...new Set(wrong.map(cellSentence))]).toEqual([]);
      expect(comparisons.every((cells) => cells.some(({ standing }) => standing === 'agrees'))).toBe(true);
    },
  );
});

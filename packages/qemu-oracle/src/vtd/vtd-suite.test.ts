import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenSuite } from '../runner/differential-suite.ts';
import { reasonToSkip } from '../runner/known-qemu.ts';
import { readCorpus } from './corpus.ts';
import { vtdSuite } from './vtd-suite.ts';

const CASES = 2500;

const skipped = reasonToSkip();

describe.skipIf(skipped !== undefined)(
  `VT-d, on the model and on QEMU${skipped === undefined ? '' : ` (${skipped})`}`,
  () => {
    let suite: OpenSuite;
    beforeAll(async () => {
      suite = await vtdSuite.open();
    });
    afterAll(() => suite?.close());

    it(`agrees in the corpus and in ${CASES} random cases, but for what is listed`, async () => {
      const report = await suite.run({ cases: CASES, seed: 20_260_101 });
      expect(report.disagreements).toEqual([]);
      expect(report.cases).toBe(CASES);
      expect(report.corpusCases).toBe(readCorpus().length);
      // What is listed must still be so: the corpus has a case of each.
      const gone = report.deviations.filter(({ occurrences }) => occurrences === 0);
      expect(gone.map(({ id }) => id)).toEqual([]);
      for (const name of [
        'reached a page',
        'cached otherwise, as allowed',
        'interrupt delivered',
        'fault 0x06',
      ]) {
        expect(report.tally[name], name).toBeGreaterThan(20);
      }
    }, 240_000);

    it('gives the same case for the same seed and path', async () => {
      const once = await suite.run({ cases: 1, seed: 7, path: 'legacy:12' });
      const again = await suite.run({ cases: 1, seed: 7, path: 'legacy:12' });
      expect(once.cases).toBe(1);
      expect(again.tally).toEqual(once.tally);
    }, 60_000);

    it('refuses a path that names no part', async () => {
      await expect(suite.run({ cases: 1, seed: 1, path: 'nothing:1' })).rejects.toThrow('names no case');
    });
  },
);

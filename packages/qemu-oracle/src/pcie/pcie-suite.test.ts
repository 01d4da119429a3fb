import { QemuProcess } from '@quiesce/qemu-control';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenSuite } from '../runner/differential-suite.ts';
import { bitDeviations } from './bit-deviations.ts';
import { PcieOracle } from './oracle.ts';
import { pcieSuite } from './pcie-suite.ts';
import { treeArguments } from './tree.ts';

const SEED = 20_260_101;
const CASES = 2_500;

describe.skipIf(!QemuProcess.available())(
  'PCI Express, on the model and on QEMU (skipped where qemu-system-x86 is absent)',
  () => {
    let suite: OpenSuite;
    beforeAll(async () => {
      suite = await pcieSuite.open();
    });
    afterAll(() => suite?.close());

    it(`agrees in the corpus and in ${CASES} random cases`, async () => {
      const report = await suite.run({ cases: CASES, seed: SEED });
      expect(report.disagreements).toEqual([]);
      expect(report.cases).toBe(CASES);
      // Bits that are left out of writes, and bits that both sides were given and that do not come back alike.
      const unseen = report.deviations.filter(({ id, occurrences }) => {
        return occurrences === 0 && bitDeviations.some((one) => one.id === id);
      });
      expect(unseen.map(({ id }) => id)).toEqual([]);
      for (const name of ['probes answered', 'places visible', 'secondary-bus-reset', 'power-cycle']) {
        expect(report.tally[name], name).toBeGreaterThan(100);
      }
    }, 240_000);

    it('gives the same for the same seed, and replays a case by its path', async () => {
      const once = await suite.run({ cases: 1, seed: 7, path: '0:3' });
      const again = await suite.run({ cases: 1, seed: 7, path: '0:3' });
      expect(again.tally).toEqual(once.tally);
      expect(once.disagreements).toEqual([]);
    }, 60_000);
  },
);

describe.skipIf(!QemuProcess.available())(
  'a model that is wrong (skipped where qemu-system-x86 is absent)',
  () => {
    it('is found out, whatever it is wrong in', async () => {
      const qemu = await QemuProcess.start({ arguments: treeArguments() });
      try {
        const oracle = await PcieOracle.open(qemu.qtest);
        const write = (offset: number, size: 1 | 2 | 4, value: number) =>
          ({ op: 'write', way: 'ecam', bus: 5, devfn: 0, offset, size, value }) as const;
        const one = { look: 'registers', functions: ['nic1'], steps: [write(0x3c, 1, 0x5a)] } as const;
        expect(await oracle.alone([one])).toBeUndefined();
        const nic = oracle.pair.model.at(5, 0);
        nic?.config.file.setWritable(0x3c, 0x5f);
        expect(await oracle.alone([one])).toBeUndefined();
        nic?.config.file.setWritable(0x3c, 0xf7);
        expect(await oracle.alone([one])).toBe('endpoint 05:00.0+3c: model 0x52, QEMU 0x5a');
      } finally {
        await qemu.close();
      }
    }, 60_000);
  },
);

import { QemuProcess, qemuTopology } from '@quiesce/qemu-control';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomMachine } from '../topologies/testing/random-machine.ts';
import { compareMachines } from './compare-machines.ts';
import { disagreements } from './difference.ts';
import { firmwareReport } from './firmware-report.ts';
import { importReported } from './import-reported.ts';

/** More by `LAB_MACHINES=200`, others by `LAB_SEED=2`: each takes half a second. */
const runs = Number(process.env.LAB_MACHINES ?? 6);
const seed = Number(process.env.LAB_SEED ?? 1);

describe.skipIf(!QemuProcess.available())(
  'any tree of ports, switches, bridges and devices (skipped where qemu-system-x86 is absent)',
  () => {
    const machines = fc.sample(randomMachine, { numRuns: runs, seed });

    it.each(machines.map((machine, index) => [index, machine] as const))(
      `is placed by firmware as the machine says: %i of seed ${seed}`,
      async (_, machine) => {
        const words = qemuTopology(machine).arguments;
        const qemu = await QemuProcess.start({ arguments: [...words, '-cpu', 'max'] });
        try {
          const reported = importReported(await firmwareReport(qemu, machine));
          const found = disagreements(compareMachines(machine, reported));
          expect(found, words.join(' ')).toEqual([]);
        } finally {
          await qemu.close();
        }
      },
    );
  },
);

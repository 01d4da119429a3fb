import { QemuProcess, qemuTopology } from '@quiesce/qemu-control';
import { afterEach, describe, expect, it } from 'vitest';
import { labTopologies, labTopology } from '../topologies/lab-topologies.ts';
import { compareMachines } from './compare-machines.ts';
import { disagreements } from './difference.ts';
import { firmwareReport } from './firmware-report.ts';
import { importReported } from './import-reported.ts';

let qemu: QemuProcess | undefined;
afterEach(async () => {
  await qemu?.close();
  qemu = undefined;
});

describe.skipIf(!QemuProcess.available())(
  'what a guest reports once its firmware has run (skipped where qemu-system-x86 is absent)',
  () => {
    it.each(Object.keys(labTopologies))('%s is the machine that QEMU was asked for', async (name) => {
      const machine = labTopology(name);
      qemu = await QemuProcess.start({ arguments: [...qemuTopology(machine).arguments, '-cpu', 'max'] });
      const reported = importReported(await firmwareReport(qemu, machine));
      const differences = compareMachines(machine, reported);
      console.log(
        name,
        differences.length,
        JSON.stringify(differences, null, 1)
          .replace(/\n\s*/g, ' ')
          .replace(/\}, \{/g, '\n'),
      );
      expect(disagreements(differences)).toEqual([]);
      expect(reported.functions.length).toBe(machine.functions.length);
    });
  },
);

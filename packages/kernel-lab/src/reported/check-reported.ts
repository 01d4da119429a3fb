import type { Machine } from '@quiesce/machine';
import type { QtestClient } from '@quiesce/qemu-control';
import { UserError } from '@quiesce/simulation';
import type { GuestFiles } from '../guest/guest-reports.ts';
import { compareMachines } from './compare-machines.ts';
import { disagreements } from './difference.ts';
import { importReported } from './import-reported.ts';
import { readUnitRegisters } from './unit-registers.ts';

const MOST_LISTED = 8;

/**
 * Imports what the first kernel reports of its machine (`lspci`, `iomem`, `dmar`) and compares it with the machine that
 * QEMU was asked for, so that no prediction is ever compared with a run on other hardware.
 * @throws UserError `LAB_MACHINE_DIFFERS` with what differs; those of importMachine if a report cannot be read
 */
export async function checkReported(machine: Machine, files: GuestFiles, qtest: QtestClient): Promise<void> {
  const units = [];
  for (const { registerBase } of machine.units) units.push(await readUnitRegisters(qtest, registerBase));
  const text = (name: string): string | undefined => files.get(name)?.toString('latin1');
  const reported = importReported({
    lspci: text('lspci') ?? '',
    iomem: text('iomem'),
    dmar: files.get('dmar'),
    units,
  });
  const found = disagreements(compareMachines(machine, reported));
  if (found.length === 0) return;
  const lines = found
    .slice(0, MOST_LISTED)
    .map(({ at, expected, reported: theirs }) => `${at}: ${expected}, the guest says ${theirs}`);
  const more = found.length > MOST_LISTED ? [`and ${found.length - MOST_LISTED} more`] : [];
  throw new UserError(
    'LAB_MACHINE_DIFFERS',
    `the guest's machine is not "${machine.name}": ${[...lines, ...more].join('; ')}`,
    { expected: 'a machine with the bus numbers and addresses that firmware gives in QEMU' },
  );
}

import { Placeholders, redactConfigSpace } from '@quiesce/capture';
import { bytesToHex, hexToBytes, type ImportedCapture, importCapture, type Machine } from '@quiesce/machine';
import { compareAccounts } from '../comparison/compare-accounts.ts';
import { defaultVariant } from '../lab/lab-variant.ts';
import { predict } from '../prediction/predict.ts';
import { compareMachines } from '../reported/compare-machines.ts';
import { type Difference, disagreements } from '../reported/difference.ts';
import type { GuestCapture } from './capture-guest.ts';
import { type CaptureTaker, compareCapture } from './compare-capture.ts';

/** What came of a capture that was taken in a guest. */
export interface CheckedCapture {
  readonly taker: CaptureTaker;
  readonly imported: ImportedCapture;
  /** In what it is not what it was taken of. */
  readonly differences: readonly Difference[];
}

const nothing = { name: 'nothing', description: 'Does nothing.', sources: [] };
const TABLES = ['copy', 'no-copy', 'iommu-off'] as const;

/**
 * Imports both captures of a guest and holds them against its hardware; root's also against the machine that QEMU was asked
 * for, register by register; and what the model predicts of a crash of either against what it predicts of that machine.
 * @param machine undefined if QEMU was asked for something that no machine of the lab is
 * @param kernelVersion for predictions, `6.1.192`
 */
export function checkCapture(
  capture: GuestCapture,
  machine: Machine | undefined,
  kernelVersion: string,
): CheckedCapture[] {
  return (['root', 'user'] as const).map((taker): CheckedCapture => {
    const files = [{ path: `${taker}.json`, content: capture[taker] }];
    const imported = importCapture(files, { name: machine?.name ?? 'guest' });
    const differences = compareCapture(capture, imported, taker);
    if (machine !== undefined && imported.machine !== undefined) {
      if (taker === 'root') differences.push(...compareMachines(redacted(machine), imported.machine));
      differences.push(...comparePredictions(machine, imported.machine, kernelVersion));
    }
    return { taker, imported, differences: disagreements(differences) };
  });
}

/** The machine as a capture may tell of it. */
function redacted(machine: Machine): Machine {
  const placeholders = new Placeholders();
  const inOrder = [...machine.functions].sort((a, b) => (a.name < b.name ? -1 : 1));
  const functions = inOrder.map((one) => {
    const bytes = redactConfigSpace(hexToBytes(one.config) ?? new Uint8Array(), placeholders);
    return { ...one, config: bytesToHex(bytes) };
  });
  return { ...machine, functions };
}

/** Cells of accounts in which a crash of the imported machine is not a crash of the lab's, in the model. */
function comparePredictions(machine: Machine, imported: Machine, kernel: string): Difference[] {
  return TABLES.flatMap((tables) => {
    const variant = { ...defaultVariant, tables };
    const plugin = { ...nothing, create: () => nothing };
    const of = (one: Machine) => predict({ machine: one, plugin, kernel, variant, seeds: [1] });
    const predictions = of(machine);
    return of(imported).flatMap(({ account }) =>
      compareAccounts({ machine, variant, predictions, observed: account }, [])
        .filter(({ standing }) => standing === 'disagrees')
        .map(({ kind, subject, phase, predicted, observed }) => ({
          at: `predicted ${kind} of ${subject}, ${tables}, ${phase ?? 'at the end'}`,
          expected: predicted.join(' or '),
          reported: observed ?? 'nothing',
        })),
    );
  });
}

import type { Machine } from '@quiesce/machine';
import type { RunAccount } from '../account/account.ts';
import type { LabVariant } from '../lab/lab-variant.ts';
import type { Prediction } from '../prediction/predict.ts';
import type { CellKind, ComparedCell, Disagreement } from './compared-cell.ts';
import { deviceCells } from './device-cells.ts';
import { type QemuLimit, qemuLimits } from './limits.ts';
import { runCells } from './run-cells.ts';
import { unitCells } from './unit-cells.ts';

/** A prediction and a run that it was made for. */
export interface AccountPair {
  readonly machine: Machine;
  readonly variant: LabVariant;
  /** One a seed: what differs between them is left open, and either agrees. */
  readonly predictions: readonly Prediction[];
  readonly observed: RunAccount;
}

/**
 * Sets a run of a real kernel beside what the model said, cell by cell: a device in a phase, a unit in a phase, the run.
 * Counts of faults are told, and decide nothing: QEMU counts one for every four bytes.
 * @param limits default: those of QEMU
 */
export function compareAccounts(
  pair: AccountPair,
  limits: readonly QemuLimit[] = qemuLimits,
): ComparedCell[] {
  const { predictions, observed } = pair;
  const accounts = predictions.map(({ account }) => account);
  const ofRun = runCells(accounts, observed);
  const cells = [...ofRun, ...deviceCells(predictions, observed), ...unitCells(accounts, observed)];
  const endsDiffer = ofRun.some(({ kind, standing }) => kind === 'stopped' && standing === 'disagrees');
  return cells.map((cell) => {
    // What a kernel that stops leaves undone follows from its stop, and is no further difference.
    if (endsDiffer && consequences.has(cell.kind)) return { ...cell, standing: 'not-compared' };
    if (cell.standing !== 'disagrees') return cell;
    const limit = limits.find((one) => one.explains(cell, pair));
    return limit === undefined ? cell : { ...cell, standing: 'explained', limit: limit.name };
  });
}

/** What is as it is at the end of a run because of how it ended. */
const consequences: ReadonlySet<CellKind> = new Set(['verdict', 'dump', 'dump-intact', 'dump-changes']);

/** The cells in which the kernel did something else, those that nothing explains first. */
export function disagreementsOf(cells: readonly ComparedCell[]): Disagreement[] {
  const differing = (standing: Disagreement['standing']): Disagreement[] =>
    cells.filter((one): one is Disagreement => one.standing === standing);
  return [...differing('disagrees'), ...differing('explained')];
}

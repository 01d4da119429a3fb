import { type LabPhase, labPhases, type RunAccount } from '../account/account.ts';
import type { ComparedCell, Standing } from '../comparison/compared-cell.ts';

/** What one side counted in a phase: over seeds, or over runs. */
export interface Tally {
  readonly least: number;
  readonly most: number;
  readonly reasons: readonly number[];
}

/** One phase of a device on both sides; null where a side did not reach it, or could not tell it apart. */
export interface PhaseColumn {
  readonly predicted: Tally | null;
  readonly observed: Tally | null;
  /** The worst of its cells. */
  readonly standing: Standing;
}

/** One device over all seeds and runs. */
export interface DeviceRow {
  readonly device: string;
  readonly phases: Readonly<Partial<Record<LabPhase, PhaseColumn>>>;
  /** Verdicts without repetitions. */
  readonly predicted: readonly string[];
  readonly observed: readonly string[];
  /** Of the verdict. */
  readonly standing: Standing;
}

/** A row for every device that anybody says anything of. */
export function deviceRows(
  predicted: readonly RunAccount[],
  observed: readonly RunAccount[],
  comparisons: readonly (readonly ComparedCell[])[],
): DeviceRow[] {
  const names = new Set(
    [...predicted, ...observed].flatMap(({ devices }) => devices.map(({ name }) => name)),
  );
  const cells = comparisons.flat();
  return [...names].sort().map((device) => {
    const own = cells.filter((one) => one.subject === device);
    const phases: Partial<Record<LabPhase, PhaseColumn>> = {};
    for (const phase of labPhases) {
      const column = {
        predicted: tallyOf(predicted, device, phase),
        observed: tallyOf(observed, device, phase),
        standing: worst(own.filter((one) => one.phase === phase)),
      };
      if (column.predicted !== null || column.observed !== null) phases[phase] = column;
    }
    const verdicts = (accounts: readonly RunAccount[]): string[] => [
      ...new Set(
        accounts.flatMap(({ devices }) => devices.find(({ name }) => name === device)?.verdict ?? []),
      ),
    ];
    return {
      device,
      phases,
      predicted: verdicts(predicted),
      observed: verdicts(observed),
      standing: worst(own.filter((one) => one.kind === 'verdict')),
    };
  });
}

/** What stands out of several cells. */
export function worst(cells: readonly ComparedCell[]): Standing {
  const standings = ['disagrees', 'explained', 'agrees'] as const;
  return standings.find((one) => cells.some(({ standing }) => standing === one)) ?? 'not-compared';
}

function tallyOf(accounts: readonly RunAccount[], device: string, phase: LabPhase): Tally | null {
  const phases = accounts.flatMap(
    ({ devices }) => devices.find(({ name }) => name === device)?.phases[phase] ?? [],
  );
  if (phases.length === 0) return null;
  const counts = phases.map(({ faults }) => faults);
  return {
    least: Math.min(...counts),
    most: Math.max(...counts),
    reasons: [...new Set(phases.flatMap(({ reasons }) => reasons))].sort((a, b) => a - b),
  };
}

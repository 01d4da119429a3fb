import type { StrategyPlugin } from '@quiesce/strategy';
import { compareAccounts } from '../comparison/compare-accounts.ts';
import type { ComparedCell } from '../comparison/compared-cell.ts';
import { variantOf } from '../matrix/lab-combination.ts';
import { machineOfCombination } from '../matrix/lab-machine.ts';
import { type Prediction, predict } from '../prediction/predict.ts';
import { accountsOf, type RecordedRuns } from './recorded-runs.ts';

/** Crashes of the model that a prediction is made of. */
export const predictionSeeds: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8];

/** A combination's recorded runs beside what the model says today. */
export interface ComparedRuns {
  readonly recorded: RecordedRuns;
  readonly predictions: readonly Prediction[];
  /** One list a run. */
  readonly comparisons: readonly (readonly ComparedCell[])[];
}

/** Predicts anew, and compares with every recorded run. @throws UserError those of `predict` */
export function compareRecorded(
  recorded: RecordedRuns,
  // biome-ignore lint/suspicious/noExplicitAny: options of any plugin
  plugin: StrategyPlugin<any>,
  seeds: readonly number[] = predictionSeeds,
): ComparedRuns {
  const { combination } = recorded;
  const machine = machineOfCombination(combination);
  const variant = variantOf(combination);
  const predictions = predict({
    machine,
    plugin,
    options: combination.options,
    kernel: recorded.kernelVersion,
    variant,
    seeds,
  });
  const comparisons = accountsOf(recorded).map((observed) =>
    compareAccounts({ machine, variant, predictions, observed }),
  );
  return { recorded, predictions, comparisons };
}

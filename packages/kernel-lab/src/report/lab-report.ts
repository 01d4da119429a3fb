import type { LabPhase, RunAccount } from '../account/account.ts';
import { compareAccounts } from '../comparison/compare-accounts.ts';
import type { ComparedCell, Standing } from '../comparison/compared-cell.ts';
import type { LabObservation, LabRequest, LabResult } from '../lab/lab-request.ts';
import type { LabVariant } from '../lab/lab-variant.ts';
import type { Prediction } from '../prediction/predict.ts';
import { type DeviceRow, deviceRows } from './device-rows.ts';

/** One crash of a real kernel in a report. */
export interface ReportedRun {
  /** Wall clock, seconds. */
  readonly seconds: number;
  readonly stopped: string | null;
  readonly reached: LabPhase;
  readonly dump: RunAccount['dump'];
  /** Consoles and traces that were kept, by what they hold. */
  readonly files: Readonly<Record<string, string>>;
  readonly cells: readonly ComparedCell[];
}

/** Prediction and observation side by side; plain data, as `quiesce lab --format json` prints it. */
export interface LabReport {
  readonly schema: 'quiesce/lab/1';
  readonly machine: string;
  readonly strategy: { readonly name: string; readonly options: Readonly<Record<string, unknown>> };
  readonly variant: LabVariant;
  /** Version of the kernel, `6.1.192`; with a kernel of one's own, what its banner says. */
  readonly kernelVersion: string;
  /** `uname -r`; null if nothing ran. */
  readonly kernelRelease: string | null;
  readonly qemuVersion: string | null;
  /** What the model says of the run as a whole; a line for each thing that seeds disagree on. */
  readonly predicted: {
    readonly seeds: number;
    readonly stopped: readonly (string | null)[];
    readonly dump: readonly boolean[];
    /** By requester and reason, the chain of the first fault. */
    readonly via: Prediction['via'];
    readonly corruption: Prediction['corruption'];
  };
  readonly devices: readonly DeviceRow[];
  readonly runs: readonly ReportedRun[];
  /** Cells of all runs. */
  readonly totals: Readonly<Record<Standing, number>>;
}

/** What a report is made of. */
export interface ReportInput {
  readonly request: Pick<LabRequest, 'machine' | 'strategy' | 'variant'>;
  readonly kernelVersion: string;
  readonly predictions: readonly Prediction[];
  /** Undefined where the model alone has run. */
  readonly result?: LabResult;
}

/** Compares every run with the prediction. */
export function labReport({ request, kernelVersion, predictions, result }: ReportInput): LabReport {
  const { machine, strategy, variant } = request;
  const observations = result?.observations ?? [];
  const runs = observations.map((one) => reportedRun(one, request, predictions));
  const totals = { agrees: 0, explained: 0, disagrees: 0, 'not-compared': 0 };
  for (const { cells } of runs) for (const { standing } of cells) totals[standing]++;
  return {
    schema: 'quiesce/lab/1',
    machine: machine.name,
    strategy: { name: strategy.plugin.name, options: { ...(strategy.options as object | undefined) } },
    variant,
    kernelVersion,
    kernelRelease: result?.kernelRelease ?? null,
    qemuVersion: result?.qemuVersion ?? null,
    predicted: {
      seeds: predictions.length,
      stopped: [...new Set(predictions.map(({ account }) => account.stopped))],
      dump: [...new Set(predictions.map(({ account }) => account.dump.exists))],
      via: predictions[0]?.via ?? {},
      corruption: predictions[0]?.corruption ?? [],
    },
    devices: deviceRows(
      predictions.map(({ account }) => account),
      observations.map(({ account }) => account),
      runs.map(({ cells }) => cells),
    ),
    runs,
    totals,
  };
}

function reportedRun(
  { account, files, seconds }: LabObservation,
  { machine, variant }: ReportInput['request'],
  predictions: readonly Prediction[],
): ReportedRun {
  const cells = compareAccounts({ machine, variant, predictions, observed: account });
  const { stopped, reached, dump } = account;
  return { seconds, stopped, reached, dump, files, cells };
}

import { UserError } from '@quiesce/simulation';
import type { RunAccount } from '../account/account.ts';
import type { LabResult } from '../lab/lab-request.ts';
import { combinationName, type LabCombination } from '../matrix/lab-combination.ts';
import { type SparseAccount, sparseAccount, wholeAccount } from './sparse-account.ts';

/** Runs of one combination as they were observed, to be kept: the model of any later day can be held against them. */
export interface RecordedRuns {
  readonly schema: 'quiesce/lab-runs/1';
  readonly combination: LabCombination;
  /** `uname -r` of the kernel that ran. */
  readonly kernelRelease: string;
  /** `6.1.192` */
  readonly kernelVersion: string;
  readonly qemuVersion: string;
  readonly runs: readonly { readonly seconds: number; readonly account: SparseAccount }[];
}

/** What a result of the lab is kept as. */
export function recordedRuns(combination: LabCombination, result: LabResult): RecordedRuns {
  const { kernelRelease, kernelVersion, qemuVersion, observations } = result;
  return {
    schema: 'quiesce/lab-runs/1',
    combination,
    kernelRelease,
    kernelVersion,
    qemuVersion,
    runs: observations.map(({ account, seconds }) => ({
      seconds: Math.round(seconds),
      account: sparseAccount(account),
    })),
  };
}

/** The accounts of kept runs. */
export function accountsOf({ runs }: RecordedRuns): RunAccount[] {
  return runs.map(({ account }) => wholeAccount(account));
}

/**
 * Reads what {@link recordedRuns} has written.
 * @param file for the message
 * @throws UserError `LAB_RESULT` for anything else
 */
export function parseRecordedRuns(text: string, file: string): RecordedRuns {
  let value: Partial<RecordedRuns> | null;
  try {
    value = JSON.parse(text) as Partial<RecordedRuns> | null;
  } catch (error) {
    throw new UserError('LAB_RESULT', `not JSON: ${(error as Error).message}`, { place: { file } });
  }
  const runs = value?.runs;
  const isWhole =
    value?.schema === 'quiesce/lab-runs/1' &&
    [value.combination?.machine, value.combination?.strategy, value.kernelVersion].every(isText) &&
    Array.isArray(runs) &&
    runs.every((one) => Array.isArray(one?.account?.devices) && typeof one.account.reached === 'string');
  if (!isWhole) {
    throw new UserError('LAB_RESULT', 'there are no runs of the kernel lab', {
      expected: 'schema quiesce/lab-runs/1, as quiesce lab matrix writes it',
      place: { file },
    });
  }
  return value as RecordedRuns;
}

/** A line a device and a unit, so that a change of one is a change of a line. */
export function recordedText(recorded: RecordedRuns): string {
  const { runs, ...rest } = recorded;
  const head = JSON.stringify(rest, null, 2).replace(/\n}$/, '');
  const run = ({ seconds, account }: RecordedRuns['runs'][number]): string => {
    const { devices, units, ...about } = account;
    return [
      `    {"seconds": ${seconds}, "account": {`,
      ...Object.entries(about).map(
        ([key, value]) => `      ${JSON.stringify(key)}: ${JSON.stringify(value)},`,
      ),
      `      "devices": [`,
      devices.map((one) => `        ${JSON.stringify(one)}`).join(',\n'),
      '      ],',
      `      "units": {`,
      Object.entries(units)
        .map(([name, phases]) => `        ${JSON.stringify(name)}: ${JSON.stringify(phases)}`)
        .join(',\n'),
      '      }',
      '    }}',
    ].join('\n');
  };
  return `${head},\n  "runs": [\n${runs.map(run).join(',\n')}\n  ]\n}\n`;
}

/** The file in a results folder that a combination's runs stand in. */
export function recordedFile(combination: LabCombination): string {
  return `${combinationName(combination)}.json`;
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

import { type DeviceAccount, type LabPhase, labPhases, type RunAccount } from '../account/account.ts';

/**
 * `regression`: what happens in every run of the kernel, and in none of the baseline's, is worse; `improvement`: likewise
 * the other way round; `varies`: some runs differ, which chance may have done.
 */
export type BaselineChange = 'regression' | 'improvement' | 'varies';

/** One difference between a kernel and the one that it is held against. */
export interface BaselineDifference {
  readonly change: BaselineChange;
  /** Device or `run`. */
  readonly subject: string;
  readonly phase: LabPhase | null;
  /** `DMA faults`, `device`, `dump`, … */
  readonly what: string;
  readonly baseline: string;
  readonly kernel: string;
}

/** Something that is better or worse: the smaller the better. Undefined where nobody looked. */
interface Measure {
  readonly subject: string;
  readonly phase: LabPhase | null;
  readonly what: string;
  readonly of: (account: RunAccount) => number | undefined;
  readonly text: (value: number) => string;
}

/**
 * What a kernel does worse or better than another one on the same machine with the same strategy. How many faults there
 * are does not count, whether there are any does.
 */
export function compareWithBaseline(
  kernel: readonly RunAccount[],
  baseline: readonly RunAccount[],
): BaselineDifference[] {
  const names = new Set([...kernel, ...baseline].flatMap(({ devices }) => devices.map(({ name }) => name)));
  const measures = [...runMeasures, ...[...names].sort().flatMap(deviceMeasures)];
  return measures.flatMap((measure) => difference(measure, kernel, baseline) ?? []);
}

function difference(
  { subject, phase, what, of, text }: Measure,
  kernel: readonly RunAccount[],
  baseline: readonly RunAccount[],
): BaselineDifference | undefined {
  const [own, other] = [kernel, baseline].map((accounts) => accounts.flatMap((one) => of(one) ?? [])) as [
    number[],
    number[],
  ];
  if (own.length === 0 || other.length === 0) return undefined;
  const [least, most] = [Math.min(...own), Math.max(...own)];
  const [leastThere, mostThere] = [Math.min(...other), Math.max(...other)];
  if (least === leastThere && most === mostThere) return undefined;
  const change = least > mostThere ? 'regression' : most < leastThere ? 'improvement' : 'varies';
  const range = (from: number, to: number): string =>
    from === to ? text(from) : `${text(from)} or ${text(to)}`;
  return {
    change,
    subject,
    phase,
    what,
    baseline: range(leastThere, mostThere),
    kernel: range(least, most),
  };
}

const runMeasures: readonly Measure[] = [
  runMeasure('second kernel', ({ stopped }) => (stopped === null ? 0 : 1), ['goes on', 'stops']),
  runMeasure('/proc/vmcore', ({ dump }) => (dump.exists ? 0 : 1), ['exists', 'missing']),
  runMeasure(
    'pattern in the dump',
    ({ dump }) => (dump.intact === undefined ? undefined : dump.intact ? 0 : 1),
    ['intact', 'altered'],
  ),
  runMeasure(
    'the dump while it is read',
    ({ dump }) => (dump.changedPages === undefined ? undefined : Math.min(1, dump.changedPages)),
    ['unchanging', 'changes'],
  ),
  runMeasure('strategy', ({ strategyFailure }) => (strategyFailure === null ? 0 : 1), ['runs', 'fails']),
];

function runMeasure(what: string, of: Measure['of'], words: readonly [string, string]): Measure {
  return { subject: 'run', phase: null, what, of, text: (value) => words[value as 0 | 1] };
}

const verdicts = ['working', 'no-driver', 'failed', 'lost'] as const;

function deviceMeasures(name: string): Measure[] {
  const find = ({ devices }: RunAccount): DeviceAccount | undefined =>
    devices.find((one) => one.name === name);
  return [
    ...labPhases.map(
      (phase): Measure => ({
        subject: name,
        phase,
        what: 'DMA faults',
        of: (account) => {
          const faults = find(account)?.phases[phase]?.faults;
          return faults === undefined ? undefined : Math.min(1, faults);
        },
        text: (value) => (value === 0 ? 'none' : 'faults'),
      }),
    ),
    {
      subject: name,
      phase: null,
      what: 'device',
      of: (account) => {
        const verdict = find(account)?.verdict;
        return verdict === undefined ? undefined : verdicts.indexOf(verdict);
      },
      text: (value) => verdicts[value] as string,
    },
  ];
}

import { expect, it } from 'vitest';
import type { Comparison } from '../comparison/comparison.ts';
import { outcomeWith, runsOf } from '../testing/outcomes.ts';
import { summarise } from './strategy-summary.ts';

function comparisonOf(runs: Comparison['runs']): Comparison {
  return {
    schema: 'quiesce/comparison/1',
    machine: { name: 'a machine', functions: 1, units: 1 },
    firstKernel: 'same',
    runs,
  };
}

const faults = (total: number) => ({ total, byRequester: {}, firstMs: null, lastMs: null });

it('counts verdicts, and gives the middle of what is counted', () => {
  const outcomes = [
    outcomeWith({ dmaFaults: faults(1) }),
    outcomeWith({ dmaFaults: faults(5), dump: 'altered' }),
    outcomeWith({ dmaFaults: faults(9), dump: 'lost', stoppedAt: { phase: 'setup_arch', cause: 'NMI' } }),
  ];
  const [row] = summarise(comparisonOf(runsOf('a', outcomes)));
  expect(row).toMatchObject({
    runs: 3,
    ended: 3,
    failed: 0,
    dump: { saved: 1, altered: 1, lost: 1 },
    dmaFaults: { least: 1, median: 5, most: 9 },
    devicesWorking: { least: 1, of: 1 },
    stopped: { text: 'setup_arch: NMI', runs: 1 },
    failure: null,
  });
});

it('gives the worst run of the drivers', () => {
  const outcomes = [outcomeWith(), outcomeWith({ devices: { '01:00.0': 'lost' } })];
  expect(summarise(comparisonOf(runsOf('a', outcomes)))[0]?.devicesWorking).toEqual({ least: 0, of: 1 });
});

it('has a row for a strategy without any outcome', () => {
  const failure = { code: 'EXITED', message: 'went away' };
  const runs = [...runsOf('a', [null, null], failure), ...runsOf('b', [outcomeWith()])];
  const [a, b] = summarise(comparisonOf(runs));
  expect(a).toMatchObject({ ended: 0, failed: 2, failure: { text: 'EXITED: went away', runs: 2 } });
  expect(b).toMatchObject({ ended: 1, failed: 0, failure: null });
});

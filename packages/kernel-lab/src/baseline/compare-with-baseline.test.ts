import { expect, it } from 'vitest';
import type { RunAccount } from '../account/account.ts';
import { modelAsKernel, requestOf, withFaults } from '../testing/model-as-kernel.ts';
import { compareWithBaseline } from './compare-with-baseline.ts';

const NIC = '0000:01:00.0';
const runs = modelAsKernel(requestOf({}, { runs: 3 })).observations.map(({ account }) => account);
const [first, second, third] = runs as [RunAccount, RunAccount, RunAccount];

it('nothing is said of what is the same', () => {
  expect(compareWithBaseline(runs, runs)).toEqual([]);
});

it('faults where the baseline has none: in every run a regression, in some chance may have done it', () => {
  const spoilt = runs.map((one) => withFaults(one, NIC, 'initcalls', 100, [6]));
  const expected = { subject: NIC, phase: 'initcalls', what: 'DMA faults' };
  expect(compareWithBaseline(spoilt, runs)).toEqual([
    { ...expected, change: 'regression', baseline: 'none', kernel: 'faults' },
  ]);
  expect(compareWithBaseline(runs, spoilt)).toMatchObject([{ ...expected, change: 'improvement' }]);
  expect(compareWithBaseline([spoilt[0] as RunAccount, second, third], runs)).toMatchObject([
    { ...expected, change: 'varies', kernel: 'none or faults' },
  ]);
});

it('a device that is lost, a dump that is missing, a kernel that stops', () => {
  const devices = first.devices.map((one) => (one.name === NIC ? { ...one, verdict: 'lost' as const } : one));
  const worse: RunAccount = { ...first, devices, dump: { exists: false }, stopped: 'Oops' };
  expect(
    compareWithBaseline([worse], [first]).map(({ change, what, kernel }) => [change, what, kernel]),
  ).toEqual([
    ['regression', 'second kernel', 'stops'],
    ['regression', '/proc/vmcore', 'missing'],
    ['regression', 'device', 'lost'],
  ]);
});

it('what nobody looked for is no difference', () => {
  const { devices: _devices, ...rest } = first;
  expect(compareWithBaseline([{ ...rest, devices: [] }], [first])).toEqual([]);
});

import { endpointOf, type Machine } from '@quiesce/machine';
import { expect, it } from 'vitest';
import { smallMachine } from '../testing/small-machine.ts';
import { storageLimits } from './storage-limits.ts';

/** The machine with a controller more: vendor, device and class, its engine, and whether it masters the bus. */
function withController(
  machine: Machine,
  [vendor, device, classCode]: readonly [string, string, string],
  kind: 'idle' | 'mpt',
  masters = true,
): Machine {
  const bytes = (word: string): string => (word.match(/../g) ?? []).reverse().join('');
  const head = `${bytes(vendor)}${bytes(device)}0${masters ? 6 : 2}00000000${bytes(classCode)}0000`;
  const one = {
    name: `0000:06:0${machine.functions.length % 8}.0`,
    config: head.padEnd(512, '0'),
    barSizes: [],
    endpoint: endpointOf(kind),
    driver: { first: masters, second: masters },
  };
  return { ...machine, functions: [...machine.functions, one as unknown as Machine['functions'][number]] };
}

it('says which controllers have no engine, and which have that of another', () => {
  const machine = smallMachine();
  expect(storageLimits(machine)).toEqual([]);
  const smart = withController(machine, ['103c', '323b', '010400'], 'idle');
  expect(storageLimits(smart)).toEqual([
    expect.stringMatching(/no engine for these storage controllers.*: 0000:06:01\.0 \(RAID\)\.$/),
  ]);
  const mega = withController(machine, ['1000', '005f', '018000'], 'mpt');
  expect(storageLimits(mega)).toEqual([
    expect.stringMatching(/^Simulated as a Fusion-MPT controller.*MegaRAID SAS Fusion: 0000:06:01\.0; mega/),
  ]);
  expect(storageLimits(withController(machine, ['1000', '0097', '010700'], 'mpt'))).toEqual([]);
});

it('is silent about the dump target, which has a limit of its own, and about what is not used', () => {
  const ids = ['9005', '028f', '010700'] as const;
  const machine = withController(smallMachine(), ids, 'idle');
  const target = machine.functions.at(-1)?.name as string;
  expect(storageLimits({ ...machine, dumpTarget: target })).toEqual([]);
  expect(storageLimits(withController(smallMachine(), ids, 'idle', false))).toEqual([]);
});

it('names no more than a sentence bears', () => {
  let machine = smallMachine();
  for (let i = 0; i < 12; i++) machine = withController(machine, ['9005', '028f', '010700'], 'idle');
  expect(storageLimits(machine)[0]).toMatch(/ and 4 more\.$/);
});

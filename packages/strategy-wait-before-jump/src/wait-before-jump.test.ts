import { resolveOptions } from '@quiesce/strategy';
import { checkContract, MiniMachine, miniLaboratory, onePort } from '@quiesce/strategy/contract';
import { expect, test } from 'vitest';
import { waitBeforeJump } from './wait-before-jump.ts';

test('keeps the contract', () => {
  const { laws } = checkContract(waitBeforeJump, miniLaboratory());
  expect(laws.filter(({ passed }) => !passed)).toEqual([]);
});

test('time passes on the crash path, and nothing else happens', () => {
  for (const [given, expected] of [
    [{}, 10_000],
    [{ waitMs: 250 }, 250],
  ] as const) {
    const machine = new MiniMachine(onePort);
    const before = machine.masters();
    const options = resolveOptions(waitBeforeJump, given);
    waitBeforeJump.create(options).crash?.(machine.contextFor('crash', { options }));
    expect(machine.nowMs).toBe(expected);
    expect(machine.masters()).toEqual(before);
  }
});

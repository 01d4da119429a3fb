import { checkContract, MiniMachine, miniLaboratory, switchAndDisplay } from '@quiesce/strategy/contract';
import { expect, test } from 'vitest';
import { xenDisconnectOnCrash } from './xen-disconnect-on-crash.ts';

test('keeps the contract', () => {
  expect(checkContract(xenDisconnectOnCrash, miniLaboratory()).laws.filter(({ passed }) => !passed)).toEqual(
    [],
  );
});

test('nothing masters the bus afterwards, bridges and displays included', () => {
  const machine = new MiniMachine(switchAndDisplay);
  expect(machine.masters()).toHaveLength(5);
  xenDisconnectOnCrash.create({}).crash?.(machine.contextFor('crash'));
  expect(machine.masters()).toEqual([]);
  for (const each of machine.topology.functions) expect(each.read(4, 2)).toBe(0);
  expect(machine.log).toEqual([`Disconnected ${machine.topology.functions.length} PCI devices`]);
});

test('nothing is reset and nothing waits', () => {
  const machine = new MiniMachine(switchAndDisplay);
  xenDisconnectOnCrash.create({}).crash?.(machine.contextFor('crash'));
  expect(machine.nowMs).toBe(0);
  expect(machine.topology.functions.every((each) => each.resets === 0)).toBe(true);
});

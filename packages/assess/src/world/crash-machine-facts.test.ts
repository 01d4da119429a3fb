import { preset } from '@quiesce/machine';
import { expect, it } from 'vitest';
import { crashMachineFacts } from './crash-machine-facts.ts';
import { noHostFacts } from './simulated-world.ts';

it('counts functions that send messages, what they could send, and ports', () => {
  expect(crashMachineFacts(preset('server-2012'), noHostFacts(), false)).toEqual({
    interruptFunctions: 19,
    messages: 31,
    ports: 10,
    containingPorts: 10,
    processors: 16,
    scalable: false,
    drivers: [],
  });
});

it('leaves virtual functions out', () => {
  const machine = preset('sriov-2020');
  const physical = machine.functions.filter(({ physicalFunction }) => physicalFunction === undefined);
  expect(physical.length).toBeLessThan(machine.functions.length);
  const without = { ...machine, functions: physical };
  expect(crashMachineFacts(machine, noHostFacts(), false)).toEqual(
    crashMachineFacts(without, noHostFacts(), false),
  );
});

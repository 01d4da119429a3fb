import { resolveOptions } from '@quiesce/strategy';
import {
  checkContract,
  MiniMachine,
  miniLaboratory,
  onePort,
  switchAndDisplay,
} from '@quiesce/strategy/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ClearBusMasterOptions, clearBusMaster } from './clear-bus-master.ts';

const COMMAND = 4;
const BUS_MASTER = 4;
const INTERRUPT_DISABLE = 0x400;

/** Names of the functions whose Command register was written, in this order. */
function run(machine: MiniMachine, given: Partial<ClearBusMasterOptions> = {}): string[] {
  const options = resolveOptions(clearBusMaster, given);
  const strategy = clearBusMaster.create(options);
  const cleared: string[] = [];
  const writable = machine.topology.functions.map((each) => [each, each.read(COMMAND, 2)] as const);
  const look = (): void => {
    for (const [each, before] of writable) {
      const { name } = each.description;
      if (each.read(COMMAND, 2) !== before && !cleared.includes(name)) cleared.push(name);
    }
  };
  const hook = strategy.setupArch === undefined ? 'initcall:fs_sync' : 'setupArch';
  const context = machine.contextFor(hook, { options });
  const watched = Object.create(context, { delay: { value: look } });
  strategy.setupArch?.(watched);
  for (const { run: initcall } of strategy.initcalls ?? []) initcall(watched as never);
  return cleared;
}

const isBridge = (machine: MiniMachine, name: string): boolean => machine.function(name).isBridge;

test.each(['setup_arch', 'boot'])('keeps the contract in %s', (when) => {
  const plugin = {
    ...clearBusMaster,
    create: () => clearBusMaster.create(resolveOptions(clearBusMaster, { when })),
  };
  const { laws } = checkContract(plugin, miniLaboratory());
  expect(laws.filter(({ passed }) => !passed)).toEqual([]);
});

test.each(['setup_arch', 'boot'] as const)(
  'in %s no endpoint masters the bus afterwards; bridges forward',
  (when) => {
    const machine = new MiniMachine(switchAndDisplay);
    run(machine, { when });
    expect(machine.masters()).toEqual([]);
    for (const each of machine.topology.functions) {
      const command = each.read(COMMAND, 2);
      expect(command & BUS_MASTER).toBe(each.isBridge ? BUS_MASTER : 0);
      expect(command & INTERRUPT_DISABLE).toBe(each.isBridge ? 0 : INTERRUPT_DISABLE);
      expect(each.resets).toBe(0);
    }
  },
);

test('ports alone: endpoints keep their bit, and nothing of theirs gets through', () => {
  const machine = new MiniMachine(switchAndDisplay);
  const cleared = run(machine, { scope: 'ports' });
  expect(cleared.every((name) => isBridge(machine, name))).toBe(true);
  expect(cleared).toHaveLength(7);
  expect(machine.masters()).toHaveLength(5);
});

test('without disableIntx Interrupt Disable stays as it was', () => {
  const machine = new MiniMachine(onePort);
  run(machine, { disableIntx: false });
  expect(machine.function('0000:01:00.0').read(COMMAND, 2)).toBe(0x0402);
  expect(machine.function('0000:00:00.0').read(COMMAND, 2)).toBe(0x0002);
});

test('each write takes its time', () => {
  const machine = new MiniMachine(onePort);
  const options = resolveOptions(clearBusMaster, { betweenUs: 250 });
  const [initcall] = clearBusMaster.create(options).initcalls ?? [];
  if (initcall?.level === 'fs_sync') initcall.run(machine.contextFor('initcall:fs_sync', { options }));
  expect(machine.nowMs).toBe(4 * 0.25);
  expect(machine.log).toEqual(['Cleared Bus Master Enable of 4 PCI functions']);
});

test('in either place and order, a bridge comes before or after all that is below it', () => {
  const choices = fc.record({
    when: fc.constantFrom('setup_arch' as const, 'boot' as const),
    order: fc.constantFrom('top-down' as const, 'bottom-up' as const),
    machine: fc.constantFrom(onePort, switchAndDisplay),
  });
  fc.assert(
    fc.property(choices, ({ when, order, machine: description }) => {
      const machine = new MiniMachine(description);
      const cleared = run(machine, { when, order, scope: 'both' });
      expect(cleared).toHaveLength(machine.topology.functions.length);
      for (const each of machine.topology.functions) {
        const above = machine.topology.above(each);
        if (above === undefined) continue;
        const [first, second] = [above, each].map(({ description: { name } }) => cleared.indexOf(name));
        expect(Number(first) < Number(second)).toBe(order === 'top-down');
      }
    }),
  );
});

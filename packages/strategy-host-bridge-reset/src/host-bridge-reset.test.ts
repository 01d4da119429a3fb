import { resolveOptions } from '@quiesce/strategy';
import { checkContract, MiniMachine, miniLaboratory, switchAndDisplay } from '@quiesce/strategy/contract';
import { expect, test } from 'vitest';
import { hostBridgeReset } from './host-bridge-reset.ts';

test.each(['setup_arch', 'arch'])('keeps the contract in %s', (when) => {
  const plugin = {
    ...hostBridgeReset,
    create: () => hostBridgeReset.create(resolveOptions(hostBridgeReset, { when })),
  };
  const { laws } = checkContract(plugin, miniLaboratory());
  expect(laws.filter(({ passed }) => !passed)).toEqual([]);
});

test('everything below root ports is reset, the display too, and left to enumeration', () => {
  const machine = new MiniMachine(switchAndDisplay);
  const options = resolveOptions(hostBridgeReset, {});
  hostBridgeReset.create(options).setupArch?.(machine.contextFor('setupArch', { options }));
  const reset = machine.topology.functions.filter(({ resets }) => resets > 0);
  expect(reset.map(({ description }) => description.name)).toEqual([
    '0000:01:00.0',
    '0000:02:00.0',
    '0000:03:00.0',
    '0000:04:00.0',
    '0000:03:01.0',
    '0000:05:00.0',
    '0000:06:00.0',
    '0000:07:04.0',
  ]);
  expect(machine.masters()).toEqual(['0000:00:00.0']);
  expect(machine.function('0000:02:00.0').read(0x18, 4)).toBe(0);
  expect(machine.log).toEqual(['PCI: resetting host bridge 0000:00']);
});

test('in an arch initcall it does the same, later', () => {
  const machine = new MiniMachine(switchAndDisplay);
  const options = resolveOptions(hostBridgeReset, { when: 'arch' });
  const strategy = hostBridgeReset.create(options);
  expect(strategy.setupArch).toBeUndefined();
  const [initcall] = strategy.initcalls ?? [];
  if (initcall?.level === 'arch') initcall.run(machine.contextFor('initcall:arch', { options }));
  expect(machine.masters()).toEqual(['0000:00:00.0']);
});

test('where firmware has no such call, nothing happens', () => {
  const machine = new MiniMachine(switchAndDisplay);
  const options = resolveOptions(hostBridgeReset, {});
  const context = machine.contextFor('setupArch', { options });
  const firmware = { hostBridges: [], resetHostBridge: () => expect.unreachable() };
  const { phase, commandLine, log, delay, type1, bootmem } = context;
  const without = { phase, commandLine, log, delay, type1, bootmem, options, firmware };
  hostBridgeReset.create(options).setupArch?.(without);
  expect(machine.log).toEqual(['PCI: firmware resets no host bridge']);
  expect(machine.masters()).toHaveLength(5);
});

import { resolveOptions, type Strategy } from '@quiesce/strategy';
import {
  checkContract,
  MiniMachine,
  miniLaboratory,
  onePort,
  switchAndDisplay,
} from '@quiesce/strategy/contract';
import { expect, test } from 'vitest';
import { type InitcallResetOptions, initcallReset } from './initcall-reset.ts';

const parameter = 'pci=pcie_reset_devices';

function boot(machine: MiniMachine, given: object = {}, commandLine: readonly string[] = [parameter]): void {
  const options: InitcallResetOptions = resolveOptions(initcallReset, given);
  const strategy: Strategy<InitcallResetOptions> = initcallReset.create(options);
  for (const initcall of strategy.initcalls ?? []) {
    initcall.run(machine.contextFor(`initcall:${initcall.level}`, { options, commandLine }) as never);
  }
}

test('keeps the contract', () => {
  expect(checkContract(initcallReset, miniLaboratory()).laws.filter(({ passed }) => !passed)).toEqual([]);
});

test('every endpoint below a port was reset and is as it was; the root complex is left alone', () => {
  const machine = new MiniMachine(onePort);
  const before = machine.function('0000:01:00.1').image();
  boot(machine);
  const after = machine.function('0000:01:00.1');
  expect(after.resets).toBe(1);
  expect(after.image().subarray(0, 0x40)).toEqual(before.subarray(0, 0x40));
  expect(after.read(0x68, 2)).toBe(0x2937);
  expect(after.read(0x52, 2) & 1).toBe(0);
  expect(machine.function('0000:00:1b.0').resets).toBe(0);
});

test('displays, switches and what is behind a PCIe-to-PCI bridge are not reset', () => {
  const machine = new MiniMachine(switchAndDisplay);
  boot(machine);
  const reset = machine.topology.functions.filter((each) => each.resets > 0);
  expect(reset.map((each) => each.description.name)).toEqual(['0000:04:00.0', '0000:05:00.0']);
});

test('all ports are reset before the one wait', () => {
  const machine = new MiniMachine(switchAndDisplay);
  boot(machine);
  expect(machine.nowMs).toBe(2 + 2 + 500);
});

test('without the parameter nothing happens', () => {
  const machine = new MiniMachine(onePort);
  boot(machine, {}, ['reset_devices']);
  expect(machine.function('0000:01:00.0').resets).toBe(0);
});

test('without restoring, a device has lost its BARs', () => {
  const machine = new MiniMachine(onePort);
  boot(machine, { restore: false });
  expect(machine.function('0000:01:00.0').read(0x10, 4)).toBe(0);
  expect(machine.function('0000:01:00.0').read(4, 2)).toBe(0);
});

test('a wait shorter than the hold-off loses the device, and says so', () => {
  const machine = new MiniMachine(onePort);
  boot(machine, { waitMs: 50 });
  expect(machine.log).toContain('pci 0000:01:00.0: does not answer after the reset');
  expect(machine.function('0000:01:00.0').read(0x10, 4)).toBe(0);
});

test('the level follows the option', () => {
  const levels = (['fs', 'fs_sync'] as const).map(
    (level) => initcallReset.create(resolveOptions(initcallReset, { level })).initcalls?.[0]?.level,
  );
  expect(levels).toEqual(['fs', 'fs_sync']);
});

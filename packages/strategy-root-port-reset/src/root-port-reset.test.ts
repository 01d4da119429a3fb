import { resolveOptions } from '@quiesce/strategy';
import {
  checkContract,
  MiniMachine,
  miniLaboratory,
  onePort,
  switchAndDisplay,
} from '@quiesce/strategy/contract';
import { expect, test } from 'vitest';
import { rootPortReset } from './root-port-reset.ts';

function setupArch(machine: MiniMachine, given: object = {}): void {
  const options = resolveOptions(rootPortReset, given);
  rootPortReset.create(options).setupArch?.(machine.contextFor('setupArch', { options }));
}

test('keeps the contract', () => {
  expect(checkContract(rootPortReset, miniLaboratory()).laws.filter(({ passed }) => !passed)).toEqual([]);
});

test('everything behind the ports was reset and is as it was', () => {
  const machine = new MiniMachine(onePort);
  const before = machine.function('0000:01:00.1').image();
  setupArch(machine);
  const after = machine.function('0000:01:00.1');
  expect(after.resets).toBe(1);
  expect(after.image().subarray(0, 0x40)).toEqual(before.subarray(0, 0x40));
  expect(machine.function('0000:00:1b.0').resets).toBe(0);
});

test('without restoring, a switch has lost its buses', () => {
  const machine = new MiniMachine(switchAndDisplay);
  setupArch(machine, { restore: false });
  expect(machine.function('0000:02:00.0').read(0x19, 1)).toBe(0);
  expect(machine.nowMs).toBe(3 * 2 + 500);
});

test('displays and conventional functions are reset too', () => {
  const machine = new MiniMachine(switchAndDisplay);
  setupArch(machine);
  for (const name of ['0000:01:00.0', '0000:07:04.0']) expect(machine.function(name).resets).toBe(1);
});

test('at iommu_init the kernel goes on with its own initialisation', () => {
  const machine = new MiniMachine(onePort);
  const options = resolveOptions(rootPortReset, { when: 'iommu_init' });
  rootPortReset.create(options).iommuInit?.(machine.contextFor('iommuInit', { options }));
  expect(machine.kernelCalls.map(({ name }) => name)).toEqual(['initialise']);
});

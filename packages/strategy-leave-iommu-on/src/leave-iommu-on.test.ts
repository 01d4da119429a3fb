import { resolveOptions } from '@quiesce/strategy';
import { checkContract, MiniMachine, miniLaboratory, onePort } from '@quiesce/strategy/contract';
import { expect, test } from 'vitest';
import { leaveIommuOn } from './leave-iommu-on.ts';

const FECTL = 0x38;

function crash(given: object = {}): MiniMachine {
  const machine = new MiniMachine(onePort);
  const options = resolveOptions(leaveIommuOn, given);
  leaveIommuOn.create(options).iommuCrashShutdown?.(machine.contextFor('iommuCrashShutdown', { options }));
  return machine;
}

/** MSI Enable of the network card. */
function msi(machine: MiniMachine): number {
  return machine.function('0000:01:00.0').read(0x52, 2) & 1;
}

test('keeps the contract', () => {
  const { laws } = checkContract(leaveIommuOn, miniLaboratory());
  expect(laws.filter(({ passed }) => !passed)).toEqual([]);
});

test('translation and interrupt remapping stay on, and the kernel shuts nothing down', () => {
  const machine = crash();
  expect(machine.kernelCalls).toEqual([]);
  expect(machine.unit.translationWasOff).toBe(false);
});

test('no device sends messages any more, and no unit does; devices go on mastering', () => {
  const machine = crash();
  expect(msi(machine)).toBe(0);
  expect(machine.unit.writes).toEqual([{ offset: FECTL, value: 0x8000_0000 }]);
  expect(machine.masters()).toContain('0000:01:00.0');
  expect(machine.log).toEqual(['(XEN) MSI disabled on 3 devices']);
});

test('of 4.13: nothing is done at all', () => {
  const machine = crash({ disableMsi: false });
  expect(msi(machine)).toBe(1);
  expect(machine.unit.writes).toEqual([]);
});

test('a lock that is held leaves messages on; units are quiesced all the same', () => {
  const machine = crash({ pciLockFree: false });
  expect(msi(machine)).toBe(1);
  expect(machine.unit.writes).toHaveLength(1);
});

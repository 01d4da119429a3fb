import { resolveOptions } from '@quiesce/strategy';
import {
  checkContract,
  MiniMachine,
  miniLaboratory,
  onePort,
  switchAndDisplay,
} from '@quiesce/strategy/contract';
import { expect, test } from 'vitest';
import { type ResetOnErrorOptions, resetOnError } from './reset-on-error.ts';

/** Tells the strategy of one error of each function, in this order. */
function report(
  machine: MiniMachine,
  errors: readonly (readonly ['iommuFault' | 'aerError', string])[],
  given: Partial<ResetOnErrorOptions> = {},
): MiniMachine {
  const options = resolveOptions(resetOnError, given);
  const strategy = resetOnError.create(options);
  for (const [hook, name] of errors) {
    if (hook === 'iommuFault') strategy.iommuFault?.(machine.contextFor(hook, { options, function: name }));
    else strategy.aerError?.(machine.contextFor(hook, { options, function: name }));
  }
  return machine;
}

const fault = ['iommuFault', '0000:01:00.0'] as const;

test.each(['work', 'handler'])('keeps the contract where the reset runs in a %s', (runsIn) => {
  const plugin = {
    ...resetOnError,
    create: () => resetOnError.create(resolveOptions(resetOnError, { on: 'both', runsIn })),
  };
  const { laws } = checkContract(plugin, miniLaboratory());
  expect(laws.filter(({ passed }) => !passed)).toEqual([]);
});

test('boot goes on while the bus is reset and until it is restored', () => {
  const machine = report(new MiniMachine(onePort), [fault]);
  const nic = machine.function('0000:01:00.0');
  expect([machine.nowMs, nic.resets]).toEqual([0, 0]);
  machine.finishWork();
  expect([machine.nowMs, nic.resets]).toEqual([2 + 500, 1]);
  expect(nic.read(0x10, 4)).not.toBe(0);
  expect(nic.read(4, 2)).toBe(0x0406);
});

test('a driver that loads meanwhile finds nothing, and then has what it wrote written over', () => {
  const machine = report(new MiniMachine(onePort), [fault]);
  const { type1, delay } = machine.contextFor('crash');
  const originally = type1.read32(1, 0, 0, 0x10);
  delay(50);
  expect(type1.read32(1, 0, 0, 0)).toBe(0xffff_ffff);
  delay(100);
  type1.write32(1, 0, 0, 0x10, 0xc000_0000);
  expect(type1.read32(1, 0, 0, 0x10)).toBe(0xc000_0000);
  delay(400);
  expect(type1.read32(1, 0, 0, 0x10)).toBe(originally);
});

test('in the handler itself, everything waits', () => {
  const machine = report(new MiniMachine(onePort), [fault], { runsIn: 'handler' });
  expect(machine.nowMs).toBe(2 + 500);
  expect(machine.function('0000:01:00.1').resets).toBe(1);
  expect(machine.function('0000:01:00.1').read(0x68, 2)).toBe(0x2937);
});

test('a storm is one error unless more resets are allowed', () => {
  const storm = [fault, fault, ['iommuFault', '0000:01:00.1']] as const;
  const once = report(new MiniMachine(onePort), storm, { runsIn: 'handler' });
  expect(once.function('0000:01:00.0').resets).toBe(1);
  const twice = report(new MiniMachine(onePort), storm, { runsIn: 'handler', resetsPerPort: 2 });
  expect(twice.function('0000:01:00.0').resets).toBe(2);
});

test('a new run knows nothing of the last one', () => {
  for (let run = 0; run < 2; run++) {
    const machine = report(new MiniMachine(onePort), [fault], { runsIn: 'handler' });
    expect(machine.function('0000:01:00.0').resets).toBe(1);
  }
});

test('each handler is there if it is asked for', () => {
  const hooks = (on: ResetOnErrorOptions['on']): string[] => {
    const { iommuFault, aerError } = resetOnError.create(resolveOptions(resetOnError, { on }));
    return [...(iommuFault === undefined ? [] : ['iommu']), ...(aerError === undefined ? [] : ['aer'])];
  };
  expect(hooks('iommu-fault')).toEqual(['iommu']);
  expect(hooks('aer')).toEqual(['aer']);
  expect(hooks('both')).toEqual(['iommu', 'aer']);
});

test('displays, conventional PCI and the root complex cannot be reset', () => {
  const machine = report(
    new MiniMachine(switchAndDisplay),
    [
      ['aerError', '0000:01:00.0'],
      ['aerError', '0000:07:04.0'],
      ['aerError', '0000:00:00.0'],
      ['aerError', '0000:02:00.0'],
      ['aerError', '0000:04:00.0'],
    ],
    { on: 'aer', runsIn: 'handler' },
  );
  const reset = machine.topology.functions.filter(({ resets }) => resets > 0);
  expect(reset.map(({ description }) => description.name)).toEqual(['0000:04:00.0']);
  const display = report(new MiniMachine(switchAndDisplay), [['aerError', '0000:01:00.0']], {
    on: 'aer',
    runsIn: 'handler',
    skipDisplay: false,
  });
  expect(display.function('0000:01:00.0').resets).toBe(1);
});

test('a wait inside the hold-off loses the devices, and says so', () => {
  const machine = report(new MiniMachine(onePort), [fault], { waitMs: 50 });
  machine.finishWork();
  expect(machine.log).toContain('pci 0000:01:00.0: does not answer after the reset');
});

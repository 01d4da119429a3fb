import { type PciDevice, resolveOptions } from '@quiesce/strategy';
import { checkContract, MiniMachine, miniLaboratory, onePort } from '@quiesce/strategy/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { functionLevelReset } from './function-level-reset.ts';
import { functionResetOf } from './function-reset.ts';

type Functions = ConstructorParameters<typeof MiniMachine>[0]['functions'];

function boot(functions: Functions, given: object = {}): MiniMachine {
  const machine = new MiniMachine({ name: 'any', functions });
  const options = resolveOptions(functionLevelReset, given);
  for (const initcall of functionLevelReset.create(options).initcalls ?? []) {
    initcall.run(machine.contextFor(`initcall:${initcall.level}`, { options }) as never);
  }
  return machine;
}

const withReset = onePort.functions.map((each) =>
  each.name === '0000:01:00.0' ? { ...each, functionLevelReset: true } : each,
);

test('keeps the contract', () => {
  const { laws } = checkContract(functionLevelReset, miniLaboratory());
  expect(laws.filter(({ passed }) => !passed)).toEqual([]);
});

test('a function that has it is reset and as it was but for MSI; the others go on', () => {
  const before = new MiniMachine(onePort).function('0000:01:00.0').image();
  const machine = boot(withReset);
  const nic = machine.function('0000:01:00.0');
  expect(nic.resets).toBe(1);
  expect(nic.image().subarray(0, 0x40)).toEqual(before.subarray(0, 0x40));
  expect(nic.read(0x68, 2)).toBe(0x2937);
  expect(nic.read(0x52, 2) & 1).toBe(0);
  expect(machine.nowMs).toBe(100);
  const others = machine.topology.functions.filter((each) => each !== nic);
  expect(others.map(({ resets }) => resets)).toEqual(others.map(() => 0));
  expect(machine.masters()).toContain('0000:01:00.1');
});

test('D3hot and back resets a function without one, only if it is asked for and only where it is a reset', () => {
  const soft = onePort.functions.map((each) => ({ ...each, softReset: each.name === '0000:01:00.1' }));
  expect(boot(soft).function('0000:01:00.1').resets).toBe(0);
  const machine = boot(soft, { includeD3hot: true });
  expect(machine.function('0000:01:00.1').resets).toBe(1);
  expect(machine.function('0000:01:00.0').resets).toBe(0);
  expect(machine.function('0000:01:00.1').read(0x10, 4)).not.toBe(0);
  expect(machine.log).toEqual(['pci 0000:01:00.1: resetting by PM']);
});

test('displays are left alone unless they are not to be', () => {
  const display = withReset.map((each) => ({ ...each, classCode: 0x030000 }));
  expect(boot(display).function('0000:01:00.0').resets).toBe(0);
  expect(boot(display, { skipDisplay: false }).function('0000:01:00.0').resets).toBe(1);
});

test('a function with transactions pending is reset all the same, after 700 ms and with a line in the log', () => {
  const machine = new MiniMachine({ name: 'busy', functions: withReset });
  const options = resolveOptions(functionLevelReset, {});
  const context = machine.contextFor('initcall:fs_sync', { options });
  const nic = context.devices.find(0, 1, 0, 0) as PciDevice;
  const busy: PciDevice = Object.create(nic, {
    readConfig16: {
      value: (offset: number) => (offset === 0x6a ? 0x0020 : nic.readConfig16(offset)),
    },
    ...Object.fromEntries(
      (
        [
          'readConfig8',
          'readConfig32',
          'writeConfig8',
          'writeConfig16',
          'writeConfig32',
          'findCapability',
        ] as const
      ).map((name) => [name, { value: (nic[name] as (...args: number[]) => unknown).bind(nic) }]),
    ),
  });
  const { phase, commandLine, log, delay, type1, pages, memory, firmware, mmconfig } = context;
  const [initcall] = functionLevelReset.create(options).initcalls ?? [];
  const devices = { length: 1, find: () => busy, [Symbol.iterator]: () => [busy][Symbol.iterator]() };
  const services = { phase, options, commandLine, log, delay, type1, pages, memory, firmware, mmconfig };
  initcall?.run({ ...services, devices } as never);
  expect(machine.nowMs).toBe(700 + 100);
  expect(machine.log).toContain('pci 0000:01:00.0: timed out waiting for pending transaction');
  expect(machine.function('0000:01:00.0').resets).toBe(1);
});

/** A conventional function with Advanced Features at 0x50 whose capabilities byte is `features`. */
function conventional(features: number): { device: PciDevice; written: [number, number][] } {
  const written: [number, number][] = [];
  const device = {
    findCapability: (id: number) => (id === 0x13 ? 0x50 : 0),
    readConfig8: (offset: number) => (offset === 0x53 ? features : 0),
    writeConfig8: (offset: number, value: number) => written.push([offset, value]),
  } as unknown as PciDevice;
  return { device, written };
}

test('a conventional function has it if Advanced Features promise both reset and pending', () => {
  for (const features of [0, 1, 2])
    expect(functionResetOf(conventional(features).device, true)).toBeUndefined();
  const { device, written } = conventional(3);
  const reset = functionResetOf(device, false);
  expect(reset?.method).toBe('AF_FLR');
  expect(reset?.pending()).toBe(false);
  reset?.trigger(() => {});
  expect(written).toEqual([[0x54, 1]]);
});

test('on any bus, exactly the functions that can be reset are, and all headers are as they were', () => {
  const traits = fc.record({ functionLevelReset: fc.boolean(), softReset: fc.boolean() });
  fc.assert(
    fc.property(fc.array(traits, { minLength: 1, maxLength: 8 }), fc.boolean(), (each, includeD3hot) => {
      const port = onePort.functions.filter(({ name }) => name.startsWith('0000:00:0'));
      const functions = each.map((one, fn) => ({
        ...one,
        name: `0000:01:00.${fn}`,
        vendorId: 0x8086,
        deviceId: 0x1521,
        classCode: 0x020000,
        pcieType: 0,
        msi: true,
      }));
      const before = new MiniMachine({ name: 'any', functions: [...port, ...functions] });
      const machine = boot([...port, ...functions], { includeD3hot });
      for (const { name, functionLevelReset: flr, softReset } of functions) {
        const after = machine.function(name);
        expect(after.resets).toBe(flr || (includeD3hot && softReset) ? 1 : 0);
        expect(after.image().subarray(0, 0x40)).toEqual(before.function(name).image().subarray(0, 0x40));
      }
    }),
    { numRuns: 60 },
  );
});

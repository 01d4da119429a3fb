import { resolveOptions } from '@quiesce/strategy';
import {
  checkContract,
  MiniMachine,
  miniLaboratory,
  onePort,
  switchAndDisplay,
} from '@quiesce/strategy/contract';
import { expect, test } from 'vitest';
import { type HotResetOptions, hotResetAtSetupArch } from './hot-reset-at-setup-arch.ts';

const versions = [1, 2, 3, 4, 5, 6] as const;

/** How a run used memory and which addresses it read while something was in its hold-off. */
interface Run {
  readonly machine: MiniMachine;
  readonly allocations: readonly number[];
  /** Functions of which config space was read while they were silent. */
  readonly readTooEarly: ReadonlySet<string>;
}

function run(machine: MiniMachine, given: Partial<HotResetOptions>): Run {
  const options = resolveOptions(hotResetAtSetupArch, given);
  const strategy = hotResetAtSetupArch.create(options);
  const allocations: number[] = [];
  const readTooEarly = new Set<string>();
  const hook = strategy.setupArch === undefined ? 'initcall:fs_sync' : 'setupArch';
  const context = machine.contextFor(hook, { options, commandLine: ['reset_devices'] });
  const { type1 } = context;
  const look = (bus: number, device: number, fn: number): void => {
    const each = machine.topology.functions.find(
      (one) => one.bus === bus && one.device === device && one.fn === fn,
    );
    if (each?.answers(machine.nowMs) === false) readTooEarly.add(each.description.name);
  };
  const watched = Object.create(context, {
    type1: {
      value: {
        ...type1,
        read16: (bus: number, device: number, fn: number, offset: number) => {
          look(bus, device, fn);
          return type1.read16(bus, device, fn, offset);
        },
      },
    },
    bootmem: { value: { allocate: (bytes: number) => allocations.push(bytes) } },
    pages: { value: { allocate: (pages = 1) => allocations.push(pages * 4096) } },
  });
  strategy.setupArch?.(watched);
  for (const initcall of strategy.initcalls ?? []) initcall.run(watched);
  return { machine, allocations, readTooEarly };
}

test.each(versions)('version %i keeps the contract', (version) => {
  const plugin = {
    ...hotResetAtSetupArch,
    create: () => hotResetAtSetupArch.create(resolveOptions(hotResetAtSetupArch, { version })),
  };
  const { laws } = checkContract(plugin, miniLaboratory());
  expect(laws.filter(({ passed }) => !passed)).toEqual([]);
});

test('version 1 runs in the final fixups, the others in setup_arch', () => {
  for (const version of versions) {
    const strategy = hotResetAtSetupArch.create(resolveOptions(hotResetAtSetupArch, { version }));
    expect(strategy.initcalls?.map(({ level }) => level)).toEqual(version === 1 ? ['fs_sync'] : undefined);
    expect(strategy.setupArch === undefined).toBe(version === 1);
  }
});

test.each(versions)('version %i resets and restores the same functions', (version) => {
  const before = new MiniMachine(switchAndDisplay);
  const { machine } = run(new MiniMachine(switchAndDisplay), { version });
  const reset = machine.topology.functions.filter(({ resets }) => resets > 0);
  expect(reset.map(({ description }) => description.name)).toEqual(['0000:04:00.0', '0000:05:00.0']);
  for (const each of reset) {
    const { name } = each.description;
    expect(each.image().subarray(0x10, 0x40)).toEqual(before.function(name).image().subarray(0x10, 0x40));
  }
});

test('up to version 3 each port is waited for; from 4 on there is one wait', () => {
  const waits = versions.map((version) => run(new MiniMachine(switchAndDisplay), { version }).machine.nowMs);
  expect(waits).toEqual([1004, 1004, 1004, 504, 504, 504]);
});

test('version 3 allocates once, version 4 makes room for all, version 6 for what there is', () => {
  const [, v2, v3, v4, v5, v6] = versions.map(
    (version) => run(new MiniMachine(switchAndDisplay), { version }).allocations,
  );
  expect(v2).toEqual([576, 576]);
  expect(v3).toEqual([576]);
  expect(v4).toEqual([576, 576]);
  expect(v5).toEqual([1152]);
  expect(v6).toEqual([144]);
});

test('only the scan of version 4 comes to buses in their hold-off', () => {
  for (const version of versions) {
    const { readTooEarly } = run(new MiniMachine(switchAndDisplay), { version });
    expect([...readTooEarly]).toEqual(version === 4 ? ['0000:04:00.0', '0000:05:00.0'] : []);
  }
});

test('function by function, version 4 saves the second function in its hold-off and restores ones', () => {
  const { machine, readTooEarly } = run(new MiniMachine(onePort), { version: 4, resetsPer: 'function' });
  expect(readTooEarly).toContain('0000:01:00.1');
  const [first, second] = ['0000:01:00.0', '0000:01:00.1'].map((name) => machine.function(name));
  expect(first?.read(0x10, 4)).toBe(new MiniMachine(onePort).function('0000:01:00.0').read(0x10, 4));
  expect(second?.read(0x10, 4)).toBe(0xffff_f000);
  expect(second?.read(0x3c, 1)).toBe(0xff);
});

test('function by function, version 3 leaves the first function as the second reset left it', () => {
  const { machine } = run(new MiniMachine(onePort), { version: 3, resetsPer: 'function' });
  expect(machine.function('0000:01:00.0').resets).toBe(2);
  expect(machine.function('0000:01:00.0').read(0x10, 4)).toBe(0);
});

test('INTx comes back with version 6, or if it is asked for', () => {
  const command = (given: Partial<HotResetOptions>): number =>
    run(new MiniMachine(onePort), given).machine.function('0000:01:00.0').read(4, 2);
  expect(versions.map((version) => command({ version }))).toEqual([
    0x0406, 0x0406, 0x0406, 0x0406, 0x0406, 0x0006,
  ]);
  expect(command({ version: 2, enableIntxWithoutMsi: 'on' })).toBe(0x0006);
  expect(command({ version: 6, enableIntxWithoutMsi: 'off' })).toBe(0x0406);
});

test.each(versions)('version %i resets a VGA controller only if it is not to be skipped', (version) => {
  for (const skipDisplay of [true, false]) {
    const { machine } = run(new MiniMachine(switchAndDisplay), { version, skipDisplay });
    expect(machine.function('0000:01:00.0').resets).toBe(skipDisplay ? 0 : 1);
  }
});

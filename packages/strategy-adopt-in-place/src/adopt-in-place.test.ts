import { resolveOptions } from '@quiesce/strategy';
import { checkContract, MiniMachine, miniLaboratory, onePort } from '@quiesce/strategy/contract';
import { expect, test } from 'vitest';
import { adoptInPlace } from './adopt-in-place.ts';

function run(
  machine: MiniMachine,
  hook: 'irqRemapInit' | 'iommuInit',
  given: object = {},
  change: object = {},
) {
  const options = resolveOptions(adoptInPlace, given);
  const ctx = machine.contextFor(hook, { options });
  const all = Object.fromEntries(Object.keys(ctx).map((key) => [key, ctx[key as keyof typeof ctx]]));
  adoptInPlace.create(options)[hook]?.({ ...all, ...change } as never);
}

function calls(machine: MiniMachine): unknown[][] {
  return machine.kernelCalls.map(({ name, arguments: args }) => [name, args.at(-1)]);
}

test('keeps the contract', () => {
  const { laws } = checkContract(adoptInPlace, miniLaboratory());
  expect(laws.filter(({ passed }) => !passed)).toEqual([]);
});

test('no register is written and no page is taken; the driver goes on with what is there', () => {
  const machine = new MiniMachine(onePort);
  const { rootTable } = machine.unit;
  run(machine, 'iommuInit');
  expect(machine.unit.writes).toEqual([]);
  expect(machine.memory.extraBytes).toBe(0);
  expect(calls(machine)).toEqual([
    ['adoptRootTable', { address: rootTable, scalable: false }],
    ['adoptEntry', { requesterId: 0x0000, domainId: 1 }],
    ['adoptEntry', { requesterId: 0x00d8, domainId: 4 }],
    ['adoptEntry', { requesterId: 0x0100, domainId: 2 }],
    ['adoptEntry', { requesterId: 0x0101, domainId: 3 }],
    ['invalidateTranslations', expect.objectContaining({})],
  ]);
});

test('the interrupt table as well, unless it is the kernel that sets it up', () => {
  const machine = new MiniMachine(onePort);
  machine.unit.write32(0xb8, 0x0700_000f);
  run(machine, 'irqRemapInit');
  expect(calls(machine)[0]).toEqual(['adoptInterruptTable', { address: 0x0700_0000, entries: 65_536 }]);
  expect(
    adoptInPlace.create(resolveOptions(adoptInPlace, { interrupts: 'kernel' })).irqRemapInit,
  ).toBeUndefined();
});

test('translation off, no table, a mode that aborts: there is nothing to go on with', () => {
  for (const [rootTable, status] of [
    [0x0600_0000, 0],
    [0, 0x8000_0000],
    [0x0600_0c00, 0x8000_0000],
  ] as const) {
    const machine = new MiniMachine(onePort);
    machine.unit.start(rootTable, status);
    run(machine, 'iommuInit');
    expect(machine.kernelCalls.map(({ name }) => name)).toEqual(['initialiseUnit']);
  }
});

test('tables that nobody here can read are left to the kernel', () => {
  const machine = new MiniMachine(onePort);
  run(machine, 'iommuInit', {}, { units: [{ name: 'gart0', architecture: 'gart' }] });
  expect(machine.kernelCalls.map(({ name }) => name)).toEqual(['initialiseUnit']);
  expect(machine.log).toEqual(['gart0: tables of gart are not known; left to the kernel']);
});

test('a kernel without remapping does what it does', () => {
  const machine = new MiniMachine(onePort);
  const seen: string[] = [];
  run(machine, 'iommuInit', {}, { kernel: { translates: false, initialise: () => seen.push('initialise') } });
  expect(seen).toEqual(['initialise']);
});

import { resolveOptions } from '@quiesce/strategy';
import { checkContract, MiniMachine, miniLaboratory, onePort } from '@quiesce/strategy/contract';
import { contextEntry, RootTable } from '@quiesce/vtd-iommu';
import { expect, test } from 'vitest';
import { reserveOldEntries } from './reserve-old-entries.ts';

function run(
  machine: MiniMachine,
  hook: 'irqRemapInit' | 'iommuInit',
  given: object = {},
  change: object = {},
) {
  const options = resolveOptions(reserveOldEntries, given);
  const ctx = machine.contextFor(hook, { options });
  const all = Object.fromEntries(Object.keys(ctx).map((key) => [key, ctx[key as keyof typeof ctx]]));
  reserveOldEntries.create(options)[hook]?.({ ...all, ...change } as never);
}

function calls(machine: MiniMachine, name: string): unknown[] {
  return machine.kernelCalls.filter((call) => call.name === name).map((call) => call.arguments.at(-1));
}

test('keeps the contract', () => {
  const { laws } = checkContract(reserveOldEntries, miniLaboratory());
  expect(laws.filter(({ passed }) => !passed)).toEqual([]);
});

test('each driver goes on in the old page table, beside what is mapped there', () => {
  const machine = new MiniMachine(onePort);
  const { memory } = machine;
  const old = RootTable.at(machine.unit.rootTable, { memory, scalable: false }).context(0x0100) ?? [];
  run(machine, 'iommuInit');
  expect(machine.unit.writes).toEqual([]);
  expect(machine.memory.extraBytes).toBe(0);
  expect(calls(machine, 'adoptDomain')).toContainEqual(
    expect.objectContaining({
      requesterId: 0x0100,
      domainId: 2,
      levels: 3,
      pageTableRoot: (old[0] ?? 0) - 1,
      reserved: [{ start: 0xffff_c000, end: 0xffff_d000 }],
    }),
  );
});

test('a window without room is emptied at its top, and the log says so', () => {
  const machine = new MiniMachine(onePort);
  run(machine, 'iommuInit', { windowPages: 4, minimumFree: 4 });
  expect(calls(machine, 'adoptDomain')[0]).toMatchObject({ reserved: [{ start: 0, end: 0xffff_c000 }] });
  expect(machine.log.at(-1)).toBe('dmar0: tables are full; 4 entries are freed for the kdump boot');
});

test('pass-through has no table to share: its entry is replaced at attach', () => {
  const machine = new MiniMachine(onePort);
  const { memory } = machine;
  const root = RootTable.at(machine.unit.rootTable, { memory, scalable: false });
  root.setContext(0x0100, contextEntry({ translationType: 2, levels: 3, domainId: 9 }));
  run(machine, 'iommuInit');
  expect(calls(machine, 'adoptEntry')).toEqual([{ requesterId: 0x0100, domainId: 9 }]);
});

test('interrupt entries stay where they are', () => {
  const machine = new MiniMachine(onePort);
  machine.unit.write32(0xb8, 0x0700_000f);
  run(machine, 'irqRemapInit');
  expect(calls(machine, 'adoptInterruptTable')).toEqual([{ address: 0x0700_0000, entries: 65_536 }]);
});

test('translation off, another architecture, a kernel without remapping: as the kernel does', () => {
  const off = new MiniMachine(onePort);
  off.unit.start(off.unit.rootTable, 0);
  run(off, 'iommuInit');
  run(off, 'iommuInit', {}, { units: [{ name: 'smmu0', architecture: 'smmu-v3' }] });
  expect(off.kernelCalls.map(({ name }) => name)).toEqual(['initialiseUnit', 'initialiseUnit']);
  const seen: string[] = [];
  run(off, 'iommuInit', {}, { kernel: { translates: false, initialise: () => seen.push('initialise') } });
  expect(seen).toEqual(['initialise']);
});

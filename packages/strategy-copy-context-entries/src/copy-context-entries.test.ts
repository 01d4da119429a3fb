import { resolveOptions } from '@quiesce/strategy';
import {
  checkContract,
  MiniMachine,
  miniLaboratory,
  onePort,
  switchAndDisplay,
} from '@quiesce/strategy/contract';
import {
  InterruptTable,
  PasidTable,
  pasidEntry,
  RootTable,
  SECOND_LEVEL_TRANSLATION,
  scalableContextEntry,
} from '@quiesce/vtd-iommu';
import { expect, test } from 'vitest';
import { copyContextEntries } from './copy-context-entries.ts';

const TE = 0x8000_0000;
const IRE = 0x0200_0000;
const IRTA = 0xb8;
const OLD_TABLE = 0x0700_0000;

function run(
  machine: MiniMachine,
  hook: 'irqRemapInit' | 'iommuInit',
  given: object = {},
  change: object = {},
) {
  const options = resolveOptions(copyContextEntries, given);
  const ctx = machine.contextFor(hook, { options });
  const all = Object.fromEntries(Object.keys(ctx).map((key) => [key, ctx[key as keyof typeof ctx]]));
  copyContextEntries.create(options)[hook]?.({ ...all, ...change } as never);
}

function calls(machine: MiniMachine, name: string): unknown[] {
  return machine.kernelCalls.filter((call) => call.name === name).map((call) => call.arguments.at(-1));
}

/** Scalable tables with an entry for a requester of the lower half of bus 1, and one of the upper half of bus 2. */
function scalableMachine(): MiniMachine {
  const machine = new MiniMachine(onePort);
  const { memory } = machine;
  let next = 0x0680_0000;
  const allocatePage = () => {
    next += 4096;
    return next - 4096;
  };
  const root = new RootTable({ memory, allocatePage, scalable: true });
  for (const [requesterId, domainId] of [
    [0x0100, 7],
    [0x0280, 9],
  ] as const) {
    const pasids = new PasidTable({ memory, allocatePage });
    const table = { secondLevelTable: 0x0690_0000, secondLevelLevels: 4 };
    pasids.setEntry(0, pasidEntry({ translationType: SECOND_LEVEL_TRANSLATION, domainId, ...table }));
    root.setContext(requesterId, scalableContextEntry({ pasidDirectory: pasids.directory }));
  }
  machine.unit.start(root.address + 0x400, TE);
  return machine;
}

test('keeps the contract', () => {
  const { laws } = checkContract(copyContextEntries, miniLaboratory());
  expect(laws.filter(({ passed }) => !passed)).toEqual([]);
});

test('context entries are copied bit for bit, and page tables stay where they were', () => {
  const machine = new MiniMachine(switchAndDisplay);
  const { memory } = machine;
  const before = [...RootTable.at(machine.unit.rootTable, { memory, scalable: false }).contexts()];
  run(machine, 'iommuInit');
  const after = [...RootTable.at(machine.unit.rootTable, { memory, scalable: false }).contexts()];
  expect(after.map(({ requesterId, words }) => ({ requesterId, words }))).toEqual(
    before.map(({ requesterId, words }) => ({ requesterId, words })),
  );
  expect(after.every(({ address }) => memory.owns(address))).toBe(true);
  expect(machine.unit.translationWasOff).toBe(false);
  expect(calls(machine, 'adoptEntry')).toHaveLength(before.length);
  expect(calls(machine, 'adoptEntry')).toContainEqual({ requesterId: 0x0100, domainId: 2 });
  expect([machine.unit.contextInvalidations, machine.unit.iotlbInvalidations]).toEqual([1, 1]);
});

test('a bus that cannot be mapped is skipped, the others are not', () => {
  const machine = new MiniMachine(onePort);
  run(machine, 'iommuInit', { unmappableBus: 1 });
  const root = RootTable.at(machine.unit.rootTable, { memory: machine.memory, scalable: false });
  expect([...root.contexts()].map(({ requesterId }) => requesterId >>> 8)).not.toContain(1);
  expect(root.context(0x00d8)?.[0]).not.toBe(0);
  expect(machine.log).toContain('DMAR: dmar0: Failed to copy context table for bus 1');
});

test('scalable tables are copied in their mode, both halves of a bus', () => {
  const machine = scalableMachine();
  run(machine, 'iommuInit');
  expect(machine.unit.rootTable % 4096).toBe(0x400);
  const root = RootTable.at(machine.unit.rootTable - 0x400, { memory: machine.memory, scalable: true });
  expect([...root.contexts()].map(({ requesterId }) => requesterId)).toEqual([0x0100, 0x0280]);
  expect(calls(machine, 'adoptEntry')).toEqual([
    { requesterId: 0x0100, domainId: 7 },
    { requesterId: 0x0280, domainId: 9 },
  ]);
});

test('with the defect of the upper half, a lone upper table is found in the lower half', () => {
  const machine = scalableMachine();
  run(machine, 'iommuInit', { upperHalfDefect: true });
  const root = RootTable.at(machine.unit.rootTable - 0x400, { memory: machine.memory, scalable: true });
  expect([...root.contexts()].map(({ requesterId }) => requesterId)).toEqual([0x0100, 0x0200]);
});

test('a mode that this kernel does not know: translation goes off, and tables are made anew', () => {
  const machine = scalableMachine();
  run(machine, 'iommuInit', { scalableMode: false });
  expect(machine.unit.translationWasOff).toBe(true);
  expect(calls(machine, 'initialiseUnit')).toHaveLength(1);
  expect(machine.log.at(-1)).toBe('DMAR: Failed to copy translation tables from previous kernel for dmar0');
});

test('a unit without a device is switched off, or left alone', () => {
  for (const [ignoredUnits, off] of [
    ['off', true],
    ['kept', false],
  ] as const) {
    const machine = new MiniMachine(onePort);
    const ctx = machine.contextFor('iommuInit');
    const unit = Object.create(ctx.units[0] ?? null, { covers: { value: () => false } });
    run(machine, 'iommuInit', { ignoredUnits }, { units: [unit] });
    expect(machine.unit.translationWasOff).toBe(off);
    expect(machine.kernelCalls).toEqual([]);
  }
});

test('interrupt entries go into a table of 65,536, if the old one had as many', () => {
  for (const [size, copied] of [
    [15, 1],
    [7, 0],
  ] as const) {
    const machine = new MiniMachine(onePort);
    const { memory } = machine;
    machine.unit.write32(IRTA, OLD_TABLE + size);
    memory.write32(OLD_TABLE + 5 * 16, 0x0031_0001);
    run(machine, 'irqRemapInit');
    const address = machine.unit.interruptTable - 15;
    expect([...new InterruptTable({ memory, address, entries: 65_536 }).present()]).toHaveLength(copied);
    expect(calls(machine, 'adoptInterruptTable')).toEqual([{ address, entries: 65_536 }]);
    expect(machine.unit.read32(0x1c) & IRE).not.toBe(0);
  }
});

test('translation off, a kernel without remapping, another architecture: as the kernel does', () => {
  const off = new MiniMachine(onePort);
  off.unit.start(off.unit.rootTable, 0);
  run(off, 'iommuInit');
  expect(off.kernelCalls.map(({ name }) => name)).toEqual(['initialiseUnit']);

  const without = new MiniMachine(onePort);
  const seen: string[] = [];
  run(without, 'iommuInit', {}, { kernel: { translates: false, initialise: () => seen.push('initialise') } });
  expect(seen).toEqual(['initialise']);

  const other = new MiniMachine(onePort);
  run(other, 'iommuInit', {}, { units: [{ name: 'smmu0', architecture: 'smmu-v3' }] });
  expect(other.kernelCalls.map(({ name }) => name)).toEqual(['initialiseUnit']);
});

import { resolveOptions } from '@quiesce/strategy';
import {
  checkContract,
  MiniMachine,
  miniLaboratory,
  onePort,
  switchAndDisplay,
} from '@quiesce/strategy/contract';
import { RootTable, SecondLevelTable } from '@quiesce/vtd-iommu';
import { expect, test } from 'vitest';
import { acceptActiveIommuCopy } from './accept-active-iommu-copy.ts';

const GCMD = 0x18;
const RTADDR = 0x20;
const TE = 0x8000_0000;
const SRTP = 0x4000_0000;
const QIE = 0x0400_0000;
const IRE = 0x0200_0000;

function iommuInit(machine: MiniMachine, given: object = {}): void {
  const options = resolveOptions(acceptActiveIommuCopy, given);
  const strategy = acceptActiveIommuCopy.create(options);
  strategy.iommuInit?.(machine.contextFor('iommuInit', { options }));
}

function calls(machine: MiniMachine, name: string): readonly unknown[][] {
  return machine.kernelCalls.filter((call) => call.name === name).map((call) => [...call.arguments]);
}

test('keeps the contract', () => {
  const { laws } = checkContract(acceptActiveIommuCopy, miniLaboratory());
  expect(laws.filter(({ passed }) => !passed)).toEqual([]);
});

test('every translation is the same in the new tables, and all of them are in memory of the second kernel', () => {
  const machine = new MiniMachine(switchAndDisplay);
  const { memory } = machine;
  const old = RootTable.at(machine.unit.rootTable, { memory, scalable: false });
  iommuInit(machine);
  const copy = RootTable.at(machine.unit.rootTable, { memory, scalable: false });
  expect(copy.address).not.toBe(old.address);
  const requesters = [...old.contexts()].map(({ requesterId }) => requesterId);
  expect(requesters).toHaveLength(5);
  expect([...copy.contexts()].map(({ requesterId }) => requesterId)).toEqual(requesters);
  for (const requesterId of requesters) {
    const [before, after] = [old, copy].map((root) => root.context(requesterId) ?? []);
    expect(after?.[2]).toBe(before?.[2]);
    const tables = [before, after].map((words) =>
      SecondLevelTable.at((words?.[0] ?? 0) - 1, { memory, levels: 3 }),
    );
    expect(tables[1]?.lookup(0xffff_c123)).toMatchObject({
      present: true,
      physical: tables[0]?.lookup(0xffff_c123).physical,
    });
    expect(memory.owns(tables[1]?.root ?? 0)).toBe(true);
    expect(memory.owns(tables[1]?.lookup(0xffff_c123).entryAddress ?? 0)).toBe(true);
  }
});

test('translation and interrupt remapping are never off', () => {
  const machine = new MiniMachine(onePort);
  iommuInit(machine);
  expect(machine.unit.translationWasOff).toBe(false);
  const commands = machine.unit.writes.filter(({ offset }) => offset === GCMD);
  expect(commands.map(({ value }) => value)).toEqual([TE + IRE + SRTP]);
  expect(machine.unit.writes[0]?.offset).toBe(RTADDR);
});

test('caches are flushed through the registers, or by the driver where queued invalidation is on', () => {
  const byRegisters = new MiniMachine(onePort);
  iommuInit(byRegisters);
  expect([byRegisters.unit.contextInvalidations, byRegisters.unit.iotlbInvalidations]).toEqual([1, 1]);
  expect(calls(byRegisters, 'invalidateTranslations')).toHaveLength(0);

  const queued = new MiniMachine(onePort);
  queued.unit.start(queued.unit.rootTable, TE + QIE + IRE);
  iommuInit(queued);
  expect([queued.unit.contextInvalidations, queued.unit.iotlbInvalidations]).toEqual([1, 1]);
  expect(calls(queued, 'invalidateTranslations')).toHaveLength(1);
});

test('the driver goes on with the old domains and keeps out of the old ranges', () => {
  const machine = new MiniMachine(onePort);
  iommuInit(machine);
  expect(calls(machine, 'adoptRootTable')[0]?.[1]).toEqual({
    address: machine.unit.rootTable,
    scalable: false,
  });
  expect(calls(machine, 'reserveDomainId').map(([, id]) => id)).toEqual([1, 4, 2, 3]);
  expect(calls(machine, 'adoptDomain').map(([domain]) => domain)).toContainEqual(
    expect.objectContaining({
      requesterId: 0x0100,
      domainId: 2,
      levels: 3,
      reserved: [{ start: 0xffff_c000, end: 0xffff_d000 }],
    }),
  );
  expect(calls(machine, 'initialise')).toHaveLength(0);
  expect(calls(machine, 'initialiseUnit')).toHaveLength(0);
});

test('a unit with translation off is initialised as the kernel does', () => {
  const machine = new MiniMachine(onePort);
  machine.unit.start(machine.unit.rootTable, 0);
  iommuInit(machine);
  expect(machine.kernelCalls.map(({ name }) => name)).toEqual(['initialise']);
  expect(machine.unit.writes).toEqual([]);
});

test('scalable mode is refused with a line in the log', () => {
  const machine = new MiniMachine(onePort);
  machine.unit.start(machine.unit.rootTable + 0x400, TE);
  iommuInit(machine);
  expect(machine.kernelCalls.map(({ name }) => name)).toEqual(['initialise']);
  expect(machine.log).toEqual([
    "DMAR: dmar0: the old kernel's tables are not in legacy mode, cannot accept them",
  ]);
});

test('more tables than the limit are refused before anything is switched', () => {
  const machine = new MiniMachine(onePort);
  iommuInit(machine, { pageLimit: 3 });
  expect(machine.log).toEqual(['DMAR: dmar0: more than 3 pages of tables, cannot accept them']);
  expect(machine.unit.writes).toEqual([]);
});

test('the interrupt table is copied only if asked for, and keeps its size', () => {
  const strategyOf = (given: object) =>
    acceptActiveIommuCopy.create(resolveOptions(acceptActiveIommuCopy, given));
  expect(strategyOf({}).irqRemapInit).toBeUndefined();

  const machine = new MiniMachine(onePort);
  const oldTable = 0x0700_0000;
  // 256 entries, extended mode.
  machine.unit.write32(0xb8, oldTable + 0x807);
  machine.memory.write32(oldTable + 5 * 16, 0x0031_0001);
  machine.memory.write32(oldTable + 5 * 16 + 8, 0x0004_0100);
  const options = resolveOptions(acceptActiveIommuCopy, { copyInterruptTable: true });
  strategyOf(options).irqRemapInit?.(machine.contextFor('irqRemapInit', { options }));

  const { interruptTable } = machine.unit;
  expect(interruptTable % 4096).toBe(0x807);
  expect(machine.memory.owns(interruptTable - 0x807)).toBe(true);
  expect(machine.memory.read32(interruptTable - 0x807 + 5 * 16)).toBe(0x0031_0001);
  expect(machine.memory.read32(interruptTable - 0x807 + 5 * 16 + 8)).toBe(0x0004_0100);
  expect(calls(machine, 'adoptInterruptTable')[0]?.[1]).toEqual({
    address: interruptTable - 0x807,
    entries: 256,
  });
  expect(calls(machine, 'invalidateInterruptEntries')).toHaveLength(1);
  expect(machine.unit.translationWasOff).toBe(false);
});

import {
  AmdControl,
  amdRegister,
  DeviceTable,
  deviceTableEntry,
  deviceTableRegister,
} from '@quiesce/amd-iommu';
import {
  contextDescriptor,
  registerOffset,
  StreamTable,
  stage1StreamEntry,
  streamTableRegisterValues,
} from '@quiesce/smmu-v3';
import { resolveOptions } from '@quiesce/strategy';
import { MiniMachine, onePort } from '@quiesce/strategy/contract';
import { expect, test } from 'vitest';
import { adoptInPlace } from './adopt-in-place.ts';

const TABLE = 0x0680_0000;

/** Registers of a unit that was left on; a write is a mistake. */
function unitOf(architecture: string, registers: Readonly<Record<number, number>>) {
  return {
    name: 'unit0',
    architecture,
    segment: 0,
    covers: () => true,
    read32: (offset: number) => registers[offset] ?? 0,
    write32: (offset: number) => {
      throw new Error(`register ${offset} was written`);
    },
  };
}

function run(machine: MiniMachine, hook: 'irqRemapInit' | 'iommuInit', unit: object): unknown[][] {
  const options = resolveOptions(adoptInPlace, {});
  const ctx = machine.contextFor(hook, { options });
  const all = Object.fromEntries(Object.keys(ctx).map((key) => [key, ctx[key as keyof typeof ctx]]));
  adoptInPlace.create(options)[hook]?.({ ...all, units: [unit] } as never);
  return machine.kernelCalls.map(({ name, arguments: args }) => [name, args.at(-1)]);
}

function amdUnit(machine: MiniMachine, on = true) {
  const table = new DeviceTable({ memory: machine.memory, address: TABLE, pages: 512 });
  const translated = { valid: true, translationValid: true, levels: 3, pageTable: 0x0690_0000 };
  table.setWords(0x0100, deviceTableEntry({ ...translated, read: true, write: true, domainId: 7 }));
  // Refused, and interrupts alone: nothing that a driver would have to tear down.
  table.setWords(0x0200, deviceTableEntry({ valid: true, translationValid: true }));
  table.setWords(0x0300, deviceTableEntry({ interruptsValid: true }));
  const { low, high } = deviceTableRegister(TABLE, 512);
  return unitOf('amd-vi', {
    [amdRegister.control]: on ? AmdControl.iommu : 0,
    [amdRegister.deviceTable]: low,
    [amdRegister.deviceTable + 4]: high,
  });
}

function smmuUnit(machine: MiniMachine) {
  const { memory } = machine;
  let next = TABLE;
  const allocatePages = (pages: number) => {
    const at = Math.ceil(next / (pages * 4096)) * pages * 4096;
    next = at + pages * 4096;
    return at;
  };
  const table = StreamTable.create({ memory, allocatePages, log2Size: 16 });
  const context = allocatePages(1);
  const words = contextDescriptor({ pageTable: 0x0690_0000, asid: 5, levels: 4 });
  words.forEach((word, index) => {
    memory.write32(context + 4 * index, word);
  });
  table.setEntry(0x0100, stage1StreamEntry({ context }));
  const { low, high, config } = streamTableRegisterValues(table.place);
  return unitOf('smmu-v3', {
    [registerOffset.CR0]: 1,
    [registerOffset.STRTAB_BASE]: low,
    [registerOffset.STRTAB_BASE + 4]: high,
    [registerOffset.STRTAB_BASE_CFG]: config,
  });
}

test('AMD: the device table, with the domains that are translated', () => {
  const machine = new MiniMachine(onePort);
  expect(run(machine, 'iommuInit', amdUnit(machine)).slice(0, -1)).toEqual([
    ['adoptRootTable', { address: TABLE, scalable: false }],
    ['adoptEntry', { requesterId: 0x0100, domainId: 7 }],
  ]);
});

test('AMD: interrupt tables hang on the device table', () => {
  const machine = new MiniMachine(onePort);
  const [first] = run(machine, 'irqRemapInit', amdUnit(machine));
  expect(first).toEqual(['adoptInterruptTable', { address: TABLE, entries: 65_536 }]);
  const off = new MiniMachine(onePort);
  expect(run(off, 'irqRemapInit', amdUnit(off, false))[0]?.[0]).toBe('initialiseUnit');
});

test('SMMUv3: the stream table, with the ASIDs of its contexts', () => {
  const machine = new MiniMachine(onePort);
  const calls = run(machine, 'iommuInit', smmuUnit(machine));
  expect(calls.slice(0, -1)).toEqual([
    ['adoptRootTable', { address: expect.any(Number), scalable: false }],
    ['adoptEntry', { requesterId: 0x0100, domainId: 5 }],
  ]);
});

test('SMMUv3: there is no interrupt table', () => {
  const machine = new MiniMachine(onePort);
  expect(run(machine, 'irqRemapInit', smmuUnit(machine)).map(([name]) => name)).toEqual(['initialiseUnit']);
});

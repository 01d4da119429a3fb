import {
  AmdControl,
  amdRegister,
  DeviceTable,
  deviceTableEntry,
  deviceTableRegister,
} from '@quiesce/amd-iommu';
import { resolveOptions } from '@quiesce/strategy';
import { MiniMachine, onePort } from '@quiesce/strategy/contract';
import { expect, test } from 'vitest';
import { scratchPage } from './scratch-page.ts';

const TABLE = 0x0680_0000;

/** An AMD unit that was left on; a write of a register is a mistake. */
function amdUnit(machine: MiniMachine) {
  const table = new DeviceTable({ memory: machine.memory, address: TABLE, pages: 512 });
  const translated = { valid: true, translationValid: true, levels: 3, pageTable: 0x0690_0000 };
  table.setWords(0x0100, deviceTableEntry({ ...translated, read: true, write: true, domainId: 7 }));
  const { low, high } = deviceTableRegister(TABLE, 512);
  const registers: Record<number, number> = {
    [amdRegister.control]: AmdControl.iommu,
    [amdRegister.deviceTable]: low,
    [amdRegister.deviceTable + 4]: high,
  };
  return {
    name: 'ivhd0',
    architecture: 'amd-vi',
    segment: 0,
    covers: () => true,
    read32: (offset: number) => registers[offset] ?? 0,
    write32: (offset: number) => {
      throw new Error(`register ${offset} was written`);
    },
  };
}

function boot(given: object): MiniMachine {
  const machine = new MiniMachine(onePort);
  const options = resolveOptions(scratchPage, given);
  const strategy = scratchPage.create(options);
  for (const hook of ['irqRemapInit', 'iommuInit'] as const) {
    const ctx = machine.contextFor(hook, { options });
    const all = Object.fromEntries(Object.keys(ctx).map((key) => [key, ctx[key as keyof typeof ctx]]));
    strategy[hook]?.({ ...all, units: [amdUnit(machine)] } as never);
  }
  return machine;
}

test('a unit that takes no other table goes on with the one it has', () => {
  const machine = boot({});
  expect(machine.kernelCalls.map(({ name }) => name)).toEqual([
    'adoptInterruptTable',
    'invalidateInterruptEntries',
    'adoptRootTable',
    'adoptEntry',
    'invalidateTranslations',
  ]);
  expect(machine.kernelCalls[3]?.arguments.at(-1)).toEqual({ requesterId: 0x0100, domainId: 7 });
  expect(machine.memory.extraBytes).toBe(0);
});

test('or is left to the kernel', () => {
  const machine = boot({ otherUnits: 'kernel' });
  expect(machine.kernelCalls.map(({ name }) => name)).toEqual(['initialiseUnit', 'initialiseUnit']);
});

import { resolveOptions } from '@quiesce/strategy';
import { checkContract, MiniMachine, miniLaboratory, onePort } from '@quiesce/strategy/contract';
import { RootTable, registerOffset, UnitRegisters, VtdUnit } from '@quiesce/vtd-iommu';
import { expect, test } from 'vitest';
import { blockAll } from './block-all.ts';

const TE = 0x8000_0000;
const SRTP = 0x4000_0000;
const NIC = 0x0100;
const ABORT_SUPPORTED = 1 << 20;

function run(
  machine: MiniMachine,
  hook: 'irqRemapInit' | 'iommuInit',
  given: object = {},
  change: object = {},
) {
  const options = resolveOptions(blockAll, given);
  const ctx = machine.contextFor(hook, { options });
  const all = Object.fromEntries(Object.keys(ctx).map((key) => [key, ctx[key as keyof typeof ctx]]));
  blockAll.create(options)[hook]?.({ ...all, ...change } as never);
}

function names(machine: MiniMachine): string[] {
  return machine.kernelCalls.map(({ name }) => name);
}

/** A unit that walks its tables, translation on. */
function liveUnit(machine: MiniMachine, extendedHigh = 0): VtdUnit {
  const unit = new VtdUnit({
    name: 'dmar0',
    segment: 0,
    registerBase: 0xfed9_0000,
    version: 0x10,
    capability: { low: 0x2226_0206, high: 0x00d2_008c },
    extendedCapability: { low: 0x00f0_0f4a, high: extendedHigh },
    memory: machine.memory,
  });
  unit.writeWide(registerOffset.RTADDR, machine.unit.rootTable, 0);
  unit.writeRegister32(registerOffset.GCMD, SRTP);
  unit.writeRegister32(registerOffset.GCMD, TE);
  return unit;
}

function handleOf(unit: VtdUnit, between: () => void = () => {}) {
  return {
    name: 'dmar0',
    architecture: 'vt-d',
    segment: 0,
    covers: () => true,
    read32: (offset: number) => unit.readRegister32(offset),
    write32: (offset: number, value: number) => {
      unit.writeRegister32(offset, value);
      between();
    },
  };
}

/** One write of the network card into its ring. */
function dma(unit: VtdUnit): { allowed: boolean; untranslated: boolean; reason: number } {
  const outcome = {
    allowed: true,
    address: 0,
    validFor: 0,
    reason: 0,
    entryAddress: 0,
    untranslated: false,
    steady: false,
  };
  const request = { segment: 0, requesterId: NIC, address: 0xffff_c000, length: 16, write: true, pasid: -1 };
  unit.translate({ ...request, addressType: 0, privileged: false, execute: false }, outcome);
  const { allowed, untranslated, reason } = outcome;
  return { allowed, untranslated, reason };
}

test('keeps the contract', () => {
  const { laws } = checkContract(blockAll, miniLaboratory());
  expect(laws.filter(({ passed }) => !passed)).toEqual([]);
});

test('from the new root table on every request is refused, and none goes out untranslated on the way', () => {
  const machine = new MiniMachine(onePort);
  const unit = liveUnit(machine);
  const handle = handleOf(unit, () => expect(dma(unit).untranslated).toBe(false));
  const calls: string[] = [];
  const kernel = {
    translates: true,
    invalidateTranslations: () => new UnitRegisters(handle, () => {}).invalidateByRegisters(),
    adoptRootTable: () => calls.push('adoptRootTable'),
  };
  run(machine, 'iommuInit', {}, { units: [handle], kernel });
  expect(dma(unit)).toEqual({ allowed: false, untranslated: false, reason: 1 });
  expect(calls).toEqual(['adoptRootTable']);
});

test('a driver that attaches writes into that root table', () => {
  const machine = new MiniMachine(onePort);
  run(machine, 'iommuInit');
  const root = machine.kernelCalls.find(({ name }) => name === 'adoptRootTable')?.arguments[1];
  expect(root).toEqual({ address: machine.unit.rootTable, scalable: false });
  const tables = RootTable.at(machine.unit.rootTable, { memory: machine.memory, scalable: false });
  expect([...tables.contexts()]).toEqual([]);
});

test('as early as interrupts: the mode that aborts where there is one, an empty table else', () => {
  const given = { from: 'irq_remap_init' };
  for (const [extendedHigh, mode] of [
    [ABORT_SUPPORTED, 3],
    [0, 0],
  ] as const) {
    const machine = new MiniMachine(onePort);
    const unit = liveUnit(machine, extendedHigh);
    run(machine, 'irqRemapInit', given, { units: [handleOf(unit)] });
    expect((unit.readRegister32(registerOffset.RTADDR) >>> 10) & 3).toBe(mode);
    expect(dma(unit).allowed).toBe(false);
    run(machine, 'iommuInit', given, { units: [handleOf(unit)] });
    expect((unit.readRegister32(registerOffset.RTADDR) >>> 10) & 3).toBe(0);
    expect(dma(unit)).toMatchObject({ allowed: false, untranslated: false });
  }
});

test('translation that was off is switched on', () => {
  const machine = new MiniMachine(onePort);
  machine.unit.start(machine.unit.rootTable, 0);
  run(machine, 'iommuInit');
  expect(machine.unit.read32(registerOffset.GSTS) & TE).not.toBe(0);
});

test('interrupt entries go on where they are, or are gone', () => {
  const kept = new MiniMachine(onePort);
  kept.unit.write32(registerOffset.IRTA, 0x0700_0007);
  run(kept, 'irqRemapInit');
  expect(kept.kernelCalls[0]).toMatchObject({
    name: 'adoptInterruptTable',
    arguments: [{ name: 'dmar0' }, { address: 0x0700_0000, entries: 256 }],
  });
  const empty = new MiniMachine(onePort);
  empty.unit.write32(registerOffset.IRTA, 0x0700_0007);
  run(empty, 'irqRemapInit', { interrupts: 'empty' });
  expect(empty.memory.owns(empty.unit.interruptTable)).toBe(true);
  expect(empty.unit.interruptTable % 4096).toBe(7);
});

test('another architecture, and a kernel without remapping, are left to the kernel', () => {
  const machine = new MiniMachine(onePort);
  run(machine, 'iommuInit', {}, { units: [{ name: 'amd0', architecture: 'amd-vi' }] });
  expect(names(machine)).toEqual(['initialiseUnit']);
  const seen: string[] = [];
  run(machine, 'iommuInit', {}, { kernel: { translates: false, initialise: () => seen.push('initialise') } });
  expect(seen).toEqual(['initialise']);
});

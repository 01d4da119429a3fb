import { resolveOptions } from '@quiesce/strategy';
import {
  checkContract,
  MiniMachine,
  type MiniMachineDescription,
  miniLaboratory,
  onePort,
} from '@quiesce/strategy/contract';
import { expect, test } from 'vitest';
import { scratchPage } from './scratch-page.ts';

const RTADDR = 0x20;

function boot(description: MiniMachineDescription, given: object = {}, change: object = {}): MiniMachine {
  const machine = new MiniMachine(description);
  const options = resolveOptions(scratchPage, given);
  const strategy = scratchPage.create(options);
  for (const hook of ['irqRemapInit', 'iommuInit'] as const) {
    const ctx = machine.contextFor(hook, { options });
    const all = Object.fromEntries(Object.keys(ctx).map((key) => [key, ctx[key as keyof typeof ctx]]));
    strategy[hook]?.({ ...all, ...change } as never);
  }
  return machine;
}

test('keeps the contract', () => {
  const { laws } = checkContract(scratchPage, miniLaboratory());
  expect(laws.filter(({ passed }) => !passed)).toEqual([]);
});

test('translation and interrupt remapping are never off', () => {
  const machine = boot(onePort);
  expect(machine.unit.translationWasOff).toBe(false);
  expect(machine.unit.writes.some(({ offset }) => offset === RTADDR)).toBe(true);
  expect(machine.kernelCalls.map(({ name }) => name)).not.toContain('initialise');
});

test('each driver gets a domain of its own, everybody else an entry that is torn down at attach', () => {
  const machine = boot(onePort);
  const calls = (name: string) =>
    machine.kernelCalls
      .filter((call) => call.name === name)
      .map((call) => call.arguments.at(-1) as { requesterId: number; domainId: number });
  const owned = calls('adoptDomain').map(({ requesterId }) => requesterId);
  expect(owned.sort()).toEqual([0x00d8, 0x0100, 0x0101]);
  expect(new Set(calls('adoptDomain').map(({ domainId }) => domainId)).size).toBe(3);
  const others = calls('adoptEntry').map(({ domainId }) => domainId);
  expect(others.length).toBeGreaterThan(1);
});

test('a machine of five functions costs half a megabyte at most, and no time', () => {
  const machine = boot(onePort);
  expect(machine.memory.extraBytes).toBeLessThan(0x8_0000);
  expect(machine.nowMs).toBe(0);
});

test('units of another architecture are left to the kernel, with a line in the log', () => {
  const unit = { name: 'gart0', architecture: 'gart', segment: 0, covers: () => true };
  const machine = boot(onePort, {}, { units: [unit] });
  expect(machine.kernelCalls.map(({ name }) => name)).toEqual(['initialiseUnit', 'initialiseUnit']);
  expect(machine.log).toEqual(['gart0: there is no scratch page for gart; left to the kernel']);
});

test('the crash path leaves the units alone, or does what it does by itself', () => {
  const create = (given: object) => scratchPage.create(resolveOptions(scratchPage, given));
  expect(create({ crashPath: 'kernel' }).iommuCrashShutdown).toBeUndefined();
  const machine = new MiniMachine(onePort);
  const options = resolveOptions(scratchPage, {});
  create({}).iommuCrashShutdown?.(machine.contextFor('iommuCrashShutdown', { options }));
  expect(machine.kernelCalls).toEqual([]);
  expect(machine.unit.writes).toEqual([]);
});

test('garbage in the old tables is contained like anything else', () => {
  const machine = new MiniMachine(onePort);
  const { memory } = machine;
  // A context entry that points at itself, and a page table of ones.
  const context = memory.read32(machine.unit.rootTable + 16) - 1;
  memory.write32(context, context + 1);
  for (let at = 0; at < 4096; at += 4) memory.write32(0x0600_5000 + at, 0xffff_ffff);
  const options = resolveOptions(scratchPage, {});
  scratchPage.create(options).irqRemapInit?.(machine.contextFor('irqRemapInit', { options }));
  expect(machine.violations).toEqual([]);
  expect(memory.owns(machine.unit.rootTable)).toBe(true);
});

test('the crash path leaves nothing that could be pending in the second kernel', () => {
  const quietly = (given: object): number => {
    const machine = new MiniMachine(onePort);
    const options = resolveOptions(scratchPage, given);
    scratchPage.create(options).iommuCrashShutdown?.(machine.contextFor('iommuCrashShutdown', { options }));
    return machine.function('0000:01:00.1').read(0x52, 2) & 1;
  };
  expect(quietly({ crashPath: 'leave-on' })).toBe(1);
  expect(quietly({})).toBe(0);
});

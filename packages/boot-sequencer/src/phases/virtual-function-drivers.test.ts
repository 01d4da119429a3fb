import { type Machine, type MachineDriver, preset } from '@quiesce/machine';
import type { Strategy, StrategyPlugin } from '@quiesce/strategy';
import { describe, expect, it } from 'vitest';
import { type CrashResult, crash } from '../crash.ts';
import type { KernelProfile } from '../profile/kernel-profile.ts';
import { kernelProfile } from '../profile/profiles.ts';

const names = { name: 'test', description: 'test', sources: [] };
const CARD = '0000:02:00.0';
const VIRTUAL = '0000:02:00.1';

/** sriov-2020 with another dump target, or another driver of the card. */
function machine(changes: { dumpTarget?: string; card?: Partial<MachineDriver> } = {}): Machine {
  const made = preset('sriov-2020');
  return {
    ...made,
    dumpTarget: changes.dumpTarget ?? '0000:01:00.0',
    functions: made.functions.map((one) =>
      one.name === CARD ? { ...one, driver: { ...one.driver, ...changes.card } } : one,
    ),
  };
}

function run(one: Machine, kernel: string | KernelProfile, hooks: Partial<Strategy> = {}): CrashResult {
  const strategy: StrategyPlugin = { ...names, create: () => ({ ...names, ...hooks }) };
  return crash({ machine: one, kernel, strategy, seed: 5 });
}

/** The secondary bus reset of the card's port, by type 1 accesses. */
const resetPort: Partial<Strategy> = {
  setupArch: (ctx) => {
    const windows = [0x04, 0x18, 0x20, 0x24].map((at) => [at, ctx.type1.read32(0, 2, 0, at)] as const);
    const control = ctx.type1.read16(0, 2, 0, 0x3e);
    ctx.type1.write16(0, 2, 0, 0x3e, control | 0x40);
    ctx.delay(2);
    ctx.type1.write16(0, 2, 0, 0x3e, control);
    ctx.delay(1000);
    for (const [at, value] of windows) ctx.type1.write32(0, 2, 0, at, value);
  },
};

/** A kernel to which firmware names the virtual functions that there are. */
function keeping(name: string): KernelProfile {
  return { ...kernelProfile(name), keepsVirtualFunctions: true };
}

describe('virtual functions', () => {
  it('work under both kernels, with requester IDs and mappings of their own', () => {
    const { outcome, world } = run(machine({ dumpTarget: VIRTUAL }), 'linux-6');
    expect(outcome.devices).toMatchObject({
      '02:00.0': 'working',
      '02:00.1': 'working',
      '02:00.2': 'working',
    });
    expect(outcome.dump).not.toBe('lost');
    expect(world.log.lines.some((line) => line.text.includes('0000:02:00.1: enabling device'))).toBe(true);
  });

  it('are leftover traffic like any other: without copied tables each faults for itself', () => {
    const { outcome } = run(machine(), 'linux-3.10');
    expect(Object.keys(outcome.dmaFaults.byRequester)).not.toContain('02:00.1');
    const kept = run(machine(), keeping('linux-3.10')).outcome;
    expect(Object.keys(kept.dmaFaults.byRequester)).toEqual(
      expect.arrayContaining(['02:00.0', '02:00.1', '02:00.2']),
    );
  });

  it('go with VF Enable when the second kernel enumerates the card, and come back with its driver alone', () => {
    const left = machine({
      dumpTarget: VIRTUAL,
      card: { enablesVirtualFunctions: false },
    });
    const { outcome } = run(left, 'linux-6');
    expect(outcome.devices).toMatchObject({ '02:00.0': 'working', '02:00.1': 'lost', '02:00.2': 'lost' });
    expect(outcome.dump).toBe('lost');
  });

  it('of a card whose driver never enabled them were not there to be lost', () => {
    const made = machine();
    const functions = made.functions.map((one) =>
      one.name === CARD ? { ...one, driver: { first: true, second: true } } : one,
    );
    const { devices } = run({ ...made, functions }, 'linux-6').outcome;
    expect(devices).toMatchObject({ '02:00.1': 'no-driver', '02:00.2': 'no-driver' });
  });
});

describe('where firmware names them to the second kernel', () => {
  const left = machine({
    dumpTarget: VIRTUAL,
    card: { enablesVirtualFunctions: false },
  });

  it('a dump target on a virtual function works', () => {
    const { outcome } = run(left, keeping('linux-6'));
    expect(outcome.devices['02:00.1']).toBe('working');
    expect(outcome.dump).not.toBe('lost');
  });

  it('and is lost once the physical function was reset', () => {
    const { outcome } = run(left, keeping('linux-6'), resetPort);
    expect(outcome.devices).toMatchObject({ '02:00.0': 'working', '02:00.1': 'lost' });
    expect(outcome.dump).toBe('lost');
  });
});

describe('after a reset of the card', () => {
  it('its driver brings the virtual functions up again, at the addresses that the kernel assigned', () => {
    const { outcome, log } = run(machine({ dumpTarget: VIRTUAL }), 'linux-6', resetPort);
    expect(outcome.devices['02:00.1']).toBe('working');
    expect(log.some((line) => /pci 0000:02:00\.0: BAR 7: assigned/.test(line))).toBe(true);
  });
});

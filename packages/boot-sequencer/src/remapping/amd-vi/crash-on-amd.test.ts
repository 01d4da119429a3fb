import { type Machine, type MachineUnit, preset } from '@quiesce/machine';
import { defineStrategy, type StrategyPlugin } from '@quiesce/strategy';
import { describe, expect, it } from 'vitest';
import { type CrashResult, crash } from '../../crash.ts';
import type { AmdRemappingProfile } from '../../profile/amd-remapping-profile.ts';
import type { KernelProfile } from '../../profile/kernel-profile.ts';
import { kernelProfile } from '../../profile/profiles.ts';

const nothing: StrategyPlugin = defineStrategy<unknown>({
  name: 'nothing',
  description: 'nothing',
  sources: [],
  create: () => ({ name: 'nothing', description: 'nothing', sources: [] }),
});

/** The preset with other units; its drivers reset their devices before they map memory for them. */
function epyc(unit: Partial<MachineUnit> = {}): Machine {
  const base = preset('epyc-2025');
  return {
    ...base,
    units: base.units.map((one) => ({ ...one, ...unit })),
    functions: base.functions.map((one) => ({ ...one, driver: { ...one.driver, resetsBeforeMap: true } })),
  };
}

function kernel(name: string, amd: Partial<AmdRemappingProfile> = {}): KernelProfile {
  const profile = kernelProfile(name);
  return { ...profile, amd: { ...(profile.amd as AmdRemappingProfile), ...amd } };
}

function run(machine: Machine, second: KernelProfile, first = second, seed = 1): CrashResult {
  return crash({ machine, strategy: nothing, kernel: second, firstKernel: first, seed });
}

const faults = ({ outcome }: CrashResult): number =>
  outcome.dmaFaults.total + outcome.interruptFaults.total + outcome.untranslated.total;

const says = ({ log }: CrashResult, text: string): boolean => log.some((line) => line.includes(text));

describe('a kernel that makes new tables', () => {
  const result = run(epyc(), kernel('amd-rebuild'));

  it('lets leftover requests through from interrupt setup to pci_iommu_init, where no entry is valid', () => {
    expect(result.outcome.untranslated.total).toBeGreaterThan(1000);
    expect(Object.keys(result.outcome.dmaFaults.byRequester)).toEqual(['01:00.0', '03:00.0']);
    const { phases } = result.outcome.dmaFaults.byRequester['01:00.0'] ?? { phases: {} };
    expect(Object.keys(phases)[0]).toBe('iommu_init');
  });

  it('aborts leftover interrupts, because every entry is valid for them and none has a table', () => {
    const { byRequester } = result.outcome.interruptFaults;
    expect(byRequester['01:00.0']?.reasons).toEqual({ '0x02': byRequester['01:00.0']?.total });
    expect(Object.keys(byRequester['01:00.0']?.phases ?? {})[0]).toBe('irq_remap_init');
  });

  it('prints its events as Linux did, with the address in full', () => {
    expect(
      says(
        result,
        'AMD-Vi: Event logged [IO_PAGE_FAULT device=01:00.0 domain=0x0000 address=0x00000000fee00000',
      ),
    ).toBe(true);
  });

  it('keeps page faults out of the log where entries say so, and refuses all the same', () => {
    const base = epyc();
    const machine = { ...base, workload: { ...base.workload, interrupts: false } };
    const loud = run(machine, kernel('amd-rebuild'));
    const quiet = run(machine, kernel('amd-rebuild', { suppressesFaults: true }));
    expect(quiet.outcome.dmaFaults.total).toBe(loud.outcome.dmaFaults.total);
    expect(says(loud, 'AMD-Vi: Event logged [IO_PAGE_FAULT device=01:00.0')).toBe(true);
    expect(says(quiet, 'AMD-Vi: Event logged')).toBe(false);
  });

  it('names a function that it knows in front of the line, since 4.13', () => {
    const line = 'pci 0000:01:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0000 address=0xfee00000 ';
    expect(says(run(epyc(), kernel('amd-rebuild-quiet')), line)).toBe(true);
  });
});

describe('a kernel that copies the device table', () => {
  it('goes through without a fault', () => {
    const result = run(epyc(), kernel('amd-copy'));
    expect(faults(result)).toBe(0);
    expect(result.outcome.dump).toBe('saved');
    expect(result.outcome.corruption).toEqual([]);
    expect(says(result, 'AMD-Vi: Copied DEV table from previous kernel.')).toBe(true);
  });

  it('does not trust a table above 4 GiB, and makes a new one', () => {
    const result = run(epyc(), kernel('amd-copy'), kernel('amd-rebuild'));
    expect(says(result, 'The address of old device table is above 4G, not trustworthy!')).toBe(true);
    expect(result.outcome.untranslated.total).toBeGreaterThan(0);
    expect(result.outcome.dmaFaults.total).toBeGreaterThan(0);
  });

  it('does not copy interrupt tables of another length', () => {
    const result = run(epyc(), kernel('amd-copy'), kernel('amd-copy', { interruptTableEntries: 256 }));
    expect(says(result, 'AMD-Vi: Wrong old irq remapping flag: 0x')).toBe(true);
    expect(faults(result)).toBeGreaterThan(0);
  });
});

describe('the base register taken in halves', () => {
  const slow = kernel('amd-copy-2016', { baseWriteGapUs: 2000 });

  it('sends requests between the halves to a table that is not there', () => {
    const result = run(epyc({ deviceTableCache: 0 }), slow);
    // 0x8_3fff_0000 with the new lower half: beyond the memory of this machine.
    const [first] = Object.values(result.outcome.dmaFaults.byRequester);
    expect(first?.reasons['0x03']).toBeGreaterThan(0);
    expect(Object.keys(first?.phases ?? {})).toEqual(['irq_remap_init']);
  });

  it('lets requests through where memory of zeros is at the mixed address', () => {
    const machine = epyc({ deviceTableCache: 0 });
    const memoryMap = machine.memoryMap.map((region) =>
      region.end === 0x8_4000_0000 ? { ...region, end: 0x8_f000_0000 } : region,
    );
    const result = run({ ...machine, memoryMap }, slow);
    expect(result.outcome.dmaFaults.total).toBe(0);
    expect(result.outcome.untranslated.total).toBeGreaterThan(0);
  });

  it('does no harm to devices whose entries the unit has cached', () => {
    expect(faults(run(epyc(), slow))).toBe(0);
  });

  it('does no harm where both tables are below 4 GiB', () => {
    const low = kernel('amd-copy-2016', { baseWriteGapUs: 2000, deviceTable: 'below-4g' });
    expect(faults(run(epyc({ deviceTableCache: 0 }), low))).toBe(0);
  });

  it('is seldom seen with two writes back to back', () => {
    const quick = kernel('amd-copy-2016');
    const torn = [1, 2, 3, 4, 5].map((seed) =>
      faults(run(epyc({ deviceTableCache: 0 }), quick, quick, seed)),
    );
    expect(torn.filter((count) => count > 0).length).toBeLessThan(3);
  });
});

describe('a kernel that adopts the device table', () => {
  it('goes through without a fault', () => {
    const result = run(epyc(), kernel('amd-adopt'), kernel('amd-copy'));
    expect(faults(result)).toBe(0);
    expect(result.outcome).toMatchObject({ dump: 'saved', stoppedAt: null, corruption: [] });
    expect(says(result, 'AMD-Vi: Re-using command buffer from the previous kernel')).toBe(true);
  });
});

describe('a unit whose base registers SNP has locked', () => {
  const locked = epyc({ locked: true });

  it('leaves a copying kernel without answers and without a timer', () => {
    const result = run(locked, kernel('amd-copy'));
    expect(says(result, 'AMD-Vi: Completion-Wait loop timed out')).toBe(true);
    expect(result.outcome.stoppedAt).toEqual({
      phase: 'irq_remap_init',
      cause: "kernel panic: timer doesn't work through Interrupt-remapped IO-APIC",
    });
    expect(result.outcome.dump).toBe('lost');
  });

  it('leaves a kernel that makes new tables in the same state', () => {
    expect(run(locked, kernel('amd-rebuild')).outcome.stoppedAt?.cause).toContain("timer doesn't work");
  });

  it('is no obstacle to a kernel that adopts', () => {
    const result = run(locked, kernel('amd-adopt'));
    expect(faults(result)).toBe(0);
    expect(result.outcome).toMatchObject({ dump: 'saved', stoppedAt: null });
  });
});

it('switches a unit off that a kernel is told to do without (amd_iommu=off)', () => {
  const profile = kernel('amd-copy');
  const off = { ...profile, remapping: { ...profile.remapping, enabled: false } };
  const result = run(epyc(), off, profile);
  expect(result.outcome.dmaFaults.total).toBe(0);
  expect(result.outcome.untranslated.total).toBeGreaterThan(0);
});

it('gives the same outcome event by event', () => {
  const request = { machine: epyc(), strategy: nothing, kernel: kernel('amd-rebuild'), seed: 3 };
  const steps = crash(request).outcome;
  const events = crash({ ...request, mode: 'event-by-event' }).outcome;
  expect(events.dmaFaults).toEqual(steps.dmaFaults);
  expect(events.untranslated).toEqual(steps.untranslated);
  expect(events.traceHash).toBe(steps.traceHash);
});

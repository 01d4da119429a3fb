import { type Machine, type MachineFunction, preset } from '@quiesce/machine';
import { isBacked } from '@quiesce/simulation';
import { describe, expect, it } from 'vitest';
import { crash } from '../crash.ts';
import type { Outcome } from '../outcome/outcome.ts';
import type { KernelProfile } from '../profile/kernel-profile.ts';
import { kernelProfile } from '../profile/profiles.ts';

const MIB = 2 ** 20;
const names = { name: 'nothing', description: 'Does nothing.', sources: [] };
const nothing = { ...names, create: () => names };
const lab = preset('q35-lab');
const LENT = { start: 0x1000_0000, end: 0x1000_0000 + 64 * MIB };

const NIC = '0000:01:00.0';
const CAPTURE = '0000:07:00.0';

/** The lab lends 64 MiB; buffers of `borrower` stand there, and nobody else is at work but the dump target. */
function lending(borrower: string, changes: Partial<MachineFunction['driver']> = {}): Machine {
  const functions = lab.functions.map((one): MachineFunction => {
    const { name, endpoint, driver } = one;
    if (name === borrower) return { ...one, driver: { ...driver, ...changes, buffersIn: 'cma' } };
    if (endpoint.kind === 'idle' || name === lab.dumpTarget) return one;
    return { ...one, driver: { first: false, second: false } };
  });
  const memoryMap = lab.memoryMap.flatMap((region) =>
    region.start <= LENT.start && region.end >= LENT.end && isBacked(region.owner)
      ? [
          { ...region, end: LENT.start },
          { ...LENT, owner: 'cma' as const, label: 'System RAM' },
          { ...region, start: LENT.end },
        ]
      : [region],
  );
  return { ...lab, functions, memoryMap };
}

function kernel(waitsBeforeJumpMs: number): KernelProfile {
  const linux = kernelProfile('linux-6');
  return { ...linux, name: 'sample', first: { ...linux.first, waitsBeforeJumpMs } };
}

function run(machine: Machine, waitMs: number, seed = 1): Outcome {
  return crash({ machine, strategy: nothing, kernel: kernel(waitMs), seed }).outcome;
}

function lentBytes(outcome: Outcome): number {
  return outcome.corruption.reduce((sum, one) => sum + (one.owner === 'cma' ? one.bytes : 0), 0);
}

describe('memory that the first kernel lends and the second one runs in', () => {
  it('is overwritten by a receive ring that is not used up at the jump, and not after ten seconds', () => {
    // 1,500 descriptors at 200 frames a second: seven and a half seconds.
    const machine = lending(NIC, { queueDepth: 1500, second: false });
    const early = run(machine, 0);
    expect(lentBytes(early)).toBeGreaterThan(0);
    expect(early.corruption[0]).toMatchObject({ owner: 'cma', requester: '01:00.0' });
    expect(early.corruption[0]?.phases[0]).toBe('setup_arch');
    const late = run(machine, 10_000);
    expect(lentBytes(late)).toBe(0);
    expect(late.time.panicToDumpMs - early.time.panicToDumpMs).toBeCloseTo(10_000, 0);
  });

  it('is overwritten by a stream that never ends, however long one waits', () => {
    const machine = lending(CAPTURE, { second: false });
    expect(lentBytes(run(machine, 0))).toBeGreaterThan(0);
    expect(lentBytes(run(machine, 10_000))).toBeGreaterThan(0);
  });

  it('is where the second kernel keeps its tables and rings', () => {
    const { world, outcome } = crash({
      machine: lending(CAPTURE),
      strategy: nothing,
      kernel: kernel(0),
      seed: 1,
    });
    const unit = world.hardware.units[0];
    const root = unit?.readRegister32(0x20) ?? 0;
    expect(root).toBeGreaterThanOrEqual(LENT.start);
    expect(root).toBeLessThan(LENT.end);
    expect(outcome.devices['05:00.0']).toBe('working');
  });

  it('is waited for by Linux from 6.17 on', () => {
    const machine = lending(NIC, { queueDepth: 1500, second: false });
    const on = (name: string) => crash({ machine, strategy: nothing, kernel: name, seed: 1 }).outcome;
    expect(lentBytes(on('linux-6.17'))).toBe(0);
    expect(lentBytes(on('linux-6'))).toBeGreaterThan(0);
  });

  it('makes nobody wait where nothing is lent', () => {
    expect(run(lab, 10_000).time.panicToDumpMs).toBeCloseTo(run(lab, 0).time.panicToDumpMs, 3);
  });

  it('is only data: rings stay in memory of their own', () => {
    const outcome = run(lending(NIC, { queueDepth: 64, second: false }), 0);
    expect(outcome.dumpChanges.pages).toBe(0);
    expect(outcome.dump).toBe('saved');
  });
});

describe('what the second kernel was loaded as', () => {
  // Addresses of guests lie below 512 MiB; so does this reservation.
  const low = lab.memoryMap.filter(({ start }) => start < 0x440_0000);
  const high = lab.memoryMap.filter(({ start }) => start >= 0x3e00_0000);
  const machine: Machine = {
    ...lab,
    memoryMap: [
      ...low,
      { start: 0x500_0000, end: 0x1d00_0000, owner: 'crash-kernel', label: 'Crash kernel' },
      { start: 0x1d00_0000, end: 0x3e00_0000, owner: 'first-kernel', label: 'System RAM' },
      ...high,
    ],
  };

  it('is checked by purgatory: overwritten on the way, it never runs', () => {
    const outcomes = [1, 2, 3, 4, 5, 6].map(
      (seed) => crash({ machine, strategy: nothing, kernel: 'xen-2011', seed }).outcome,
    );
    const stopped = outcomes.filter(({ stoppedAt }) => stoppedAt?.cause.includes('sha256') === true);
    expect(stopped.length).toBeGreaterThan(0);
    for (const { dump, stoppedAt, corruption } of stopped) {
      expect(dump).toBe('lost');
      expect(stoppedAt?.phase).toBe('purgatory');
      expect(corruption.some(({ owner }) => owner === 'crash-kernel')).toBe(true);
    }
  });
});

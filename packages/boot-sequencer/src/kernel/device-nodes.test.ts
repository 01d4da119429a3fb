import { type Machine, preset } from '@quiesce/machine';
import type { Strategy } from '@quiesce/strategy';
import { describe, expect, it } from 'vitest';
import { crash } from '../crash.ts';

const lab = preset('q35-lab');
const names = { name: 'sample', description: 'A sample.', sources: [] };

function run(crashOf: 'sysrq' | 'device-list-corrupted', hooks: Partial<Strategy>, seed = 1) {
  const machine: Machine = { ...lab, workload: { ...lab.workload, crash: crashOf } };
  const strategy = { ...names, create: () => ({ ...names, ...hooks }) };
  return crash({ machine, strategy, kernel: 'linux-6', seed });
}

describe("the crashed kernel's list of devices", () => {
  it('names what was enumerated, in that order, read from memory', () => {
    const seen: string[] = [];
    let length = 0;
    let nic = '';
    const { outcome } = run('sysrq', {
      crash(ctx) {
        for (const device of ctx.devices) seen.push(device.name);
        length = ctx.devices.length;
        nic = ctx.devices.find(0, 1, 0, 0)?.name ?? '';
        expect(ctx.devices.find(0, 9, 0, 0)).toBeUndefined();
      },
    });
    expect(seen[0]).toBe('0000:00:00.0');
    expect(seen).toHaveLength(length);
    expect(new Set(seen)).toEqual(new Set(lab.functions.map(({ name }) => name)));
    expect(nic).toBe('0000:01:00.0');
    expect(outcome.stoppedAt).toBeNull();
  });

  it('stops the machine when a strategy follows the pointer of a freed device', () => {
    const seen = new Set<number>();
    for (const seed of [1, 2, 3, 4]) {
      let walked = 0;
      const { outcome, log } = run(
        'device-list-corrupted',
        {
          crash(ctx) {
            for (const _ of ctx.devices) walked++;
          },
        },
        seed,
      );
      expect(outcome).toMatchObject({ dump: 'lost', stoppedAt: { phase: 'crash' }, strategyFailure: null });
      expect(outcome.stoppedAt?.cause).toContain('page fault on the crash path at 0x6b6b6b6b6b6b6b6b');
      expect(log.at(-1)).toContain('BUG: unable to handle page fault');
      expect(walked).toBeLessThan(lab.functions.length);
      seen.add(walked);
    }
    expect(seen.size).toBeGreaterThan(1);
  });

  it('spoils the walk in place of the shutdown of units, too', () => {
    const { outcome } = run('device-list-corrupted', {
      iommuCrashShutdown: (ctx) => void ctx.devices.length,
    });
    expect(outcome.stoppedAt?.phase).toBe('crash');
  });

  it('harms nobody who leaves it alone', () => {
    const untouched = run('device-list-corrupted', {});
    expect(untouched.outcome.dump).not.toBe('lost');
    expect(untouched.log.some((line) => line.includes('general protection fault'))).toBe(true);
    const scanned = run('device-list-corrupted', {
      crash: (ctx) => ctx.type1.write16(1, 0, 0, 4, ctx.type1.read16(1, 0, 0, 4) & ~4),
    });
    expect(scanned.outcome.stoppedAt).toBeNull();
  });
});

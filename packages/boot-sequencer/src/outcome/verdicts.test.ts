import { type Machine, preset } from '@quiesce/machine';
import type { Strategy } from '@quiesce/strategy';
import { describe, expect, it } from 'vitest';
import { crash } from '../crash.ts';
import type { Outcome } from './outcome.ts';

const names = { name: 'sample', description: 'A sample.', sources: [] };

function run(machine: Machine, kernel = 'linux-6', hooks: Partial<Strategy> = {}): Outcome {
  const strategy = { ...names, create: () => ({ ...names, ...hooks }) };
  return crash({ machine, strategy, kernel, seed: 1 }).outcome;
}

/** Writes a bridge's control register: the secondary bus stays in reset. */
const holdInReset: Partial<Strategy> = {
  setupArch: (ctx) => ctx.type1.write16(0, 2, 0, 0x3e, ctx.type1.read16(0, 2, 0, 0x3e) | 0x40),
};

const lab = preset('q35-lab');

describe('verdicts on devices', () => {
  it('working, no-driver, and bridges have none', () => {
    const outcome = run(lab);
    expect(outcome.devices['01:00.0']).toBe('working');
    expect(outcome.devices['00:1f.3']).toBe('no-driver');
    expect(outcome.devices['00:01.0']).toBeUndefined();
  });

  it('lost: what is held in reset is not there any more, and with it the dump', () => {
    const outcome = run(lab, 'linux-6', holdInReset);
    expect(outcome.devices).toMatchObject({ '04:00.0': 'lost', '05:00.0': 'lost', '01:00.0': 'working' });
    expect(lab.dumpTarget).toBe('0000:05:00.0');
    expect(outcome.dump).toBe('lost');
    expect(outcome.stoppedAt).toBeNull();
  });

  it('failed: drivers that a stopped kernel never came to', () => {
    const outcome = run(lab, 'linux-6', {
      setupArch() {
        throw new Error('out of order');
      },
    });
    expect(outcome.devices['01:00.0']).toBe('failed');
  });
});

describe('verdicts on the dump', () => {
  it('saved to any working device where the machine names no target', () => {
    const { dumpTarget, ...untargeted } = lab;
    expect(dumpTarget).toBeDefined();
    expect(run(untargeted, 'linux-6-no-copy', holdInReset).dump).toBe('saved');
  });

  it('altered: old tables are alive, and a device without driver goes on writing while memory is read', () => {
    const functions = lab.functions.map((one) =>
      one.endpoint.kind === 'cyclic-stream' ? { ...one, driver: { ...one.driver, second: false } } : one,
    );
    const { dump, dumpChanges } = run({ ...lab, functions }, 'linux-6');
    expect(dump).toBe('altered');
    expect(dumpChanges.pages).toBeGreaterThan(1);
    expect(dumpChanges.bytes).toBeGreaterThan(dumpChanges.pages);
    const rebuilt = run({ ...lab, functions }, 'linux-6-no-copy');
    expect(rebuilt).toMatchObject({ dump: 'saved', dumpChanges: { bytes: 0, pages: 0 } });
  });

  it('faults begin when translation ends, and end when drivers have reset their devices', () => {
    const { dmaFaults, interruptFaults } = run(lab, 'linux-6-no-copy');
    const { firstMs, lastMs } = dmaFaults;
    // After the panic: pci_iommu_init at 4,600 ms, /init at 5,650 (measured).
    expect(firstMs).toBeGreaterThan(4500);
    expect(lastMs).toBeGreaterThan(firstMs ?? 0);
    expect(lastMs).toBeLessThan(7000);
    if (interruptFaults.total > 0) expect(interruptFaults.firstMs).toBeLessThan(firstMs ?? 0);
    expect(run(lab, 'linux-6-iommu-off').dmaFaults).toMatchObject({ total: 0, firstMs: null, lastMs: null });
  });

  it('lost with the machine', () => {
    const platform = { ...lab.platform, systemError: 'smi-hang', masterAbortIsSystemError: true } as const;
    const outcome = run({ ...lab, platform }, 'linux-6', holdInReset);
    expect(outcome.stoppedAt === null ? 'ran on' : outcome.dump).toMatch(/ran on|lost/);
  });
});

describe('verdicts on the display', () => {
  const server = preset('server-2012');
  const calm: Machine = {
    ...server,
    platform: { systemError: 'none', remappingFault: 'none', masterAbortIsSystemError: false },
  };

  it('none without one, kept where nobody touches it, lost behind a port in reset', () => {
    expect(run(lab).display).toBe('none');
    expect(run(calm).display).toBe('kept');
    const port: Partial<Strategy> = {
      setupArch: (ctx) => ctx.type1.write16(0, 1, 0, 0x3e, ctx.type1.read16(0, 1, 0, 0x3e) | 0x40),
    };
    expect(run(calm, 'linux-6', port).display).toBe('lost');
  });

  it('lost if the card answers but may not fetch its picture any more; kept if it need not fetch', () => {
    const silence: Partial<Strategy> = {
      setupArch: (ctx) => ctx.type1.write16(1, 0, 0, 4, ctx.type1.read16(1, 0, 0, 4) & ~4),
    };
    expect(run(calm, 'linux-6', silence).display).toBe('kept');
    const fetching = calm.functions.map((each) => {
      if (each.endpoint.kind !== 'scan-out') return each;
      const workload = { ...each.endpoint.workload, ratePerSecond: 600 };
      return { ...each, endpoint: { ...each.endpoint, workload } };
    });
    expect(run({ ...calm, functions: fetching }).display).toBe('kept');
    expect(run({ ...calm, functions: fetching }, 'linux-6', silence).display).toBe('lost');
  });
});

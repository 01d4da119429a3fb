import { crash } from '@quiesce/boot-sequencer';
import { type Machine, preset } from '@quiesce/machine';
import { describe, expect, it } from 'vitest';
import { run, strategies } from './runs.ts';

/**
 * q35-lab, but nobody records sound, its card at 04:00.0 has a ring of 2 KiB buffers as Linux gives it, and frames come
 * in at a pace at which the ring has come to the page at fff69000 when tables are empty.
 */
function sumnersMachine(): Machine {
  const lab = preset('q35-lab');
  const functions = lab.functions.map((one) => {
    if (one.endpoint.kind === 'cyclic-stream') return { ...one, driver: { first: false, second: true } };
    if (one.name !== '0000:04:00.0') return one;
    return {
      ...one,
      driver: { ...one.driver, queueDepth: 1024, bufferBytes: 2048 },
      endpoint: { ...one.endpoint, workload: { ...one.endpoint.workload, ratePerSecond: 72 } },
    };
  });
  return { ...lab, functions };
}

describe('Sumner 2014', () => {
  const request = { machine: sumnersMachine(), kernel: 'linux-3.10', seed: 1 };

  it('a card goes on to buffers just under 4 GiB: fff69000, root entry not present', () => {
    const { world } = crash({ ...request, strategy: strategies.none });
    const text = world.log.lines.map((line) => line.text).join('\n');
    expect(text).toContain(
      'DMAR:[DMA Write] Request device [04:00.0] fault addr fff69000 \nDMAR:[fault reason 01] Present bit in root entry is clear',
    );
  });

  it('with the tables copied there is none', () => {
    const { outcome, log } = crash({ ...request, strategy: strategies.acceptActiveIommuCopy });
    expect(outcome.dmaFaults.total).toBe(0);
    expect(log.join('\n')).not.toContain('Request device');
    expect(outcome.dump).toBe('saved');
  });
});

describe('server-2012 with the kernels of its day', () => {
  const server = preset('server-2012');
  const quiet: Machine = {
    ...server,
    platform: { systemError: 'none', remappingFault: 'none', masterAbortIsSystemError: false },
  };

  it('no strategy: DMA faults, system errors, dump lost', () => {
    const outcome = run(server);
    expect(outcome.dump).toBe('lost');
    expect(outcome.stoppedAt?.phase).toBe('iommu_init');
    expect(outcome.dmaFaults.total).toBeGreaterThan(0);
    expect(outcome.systemErrors).toBeGreaterThan(0);
  });

  it('... because of what the chipset makes of errors', () => {
    const outcome = run(quiet);
    expect(outcome.dmaFaults.total).toBeGreaterThan(0);
    expect(outcome.systemErrors).toBe(0);
    expect(outcome.stoppedAt).toBeNull();
  });

  it('hot reset at setup_arch: clean, and the display is kept', () => {
    const outcome = run(server, { strategy: strategies.hotReset });
    expect(outcome.dmaFaults.total + outcome.interruptFaults.total + outcome.systemErrors).toBe(0);
    expect(outcome).toMatchObject({ dump: 'saved', display: 'kept', stoppedAt: null });
    expect(Object.values(outcome.devices)).not.toContain('failed');
    expect(outcome.time.strategyMs).toBeGreaterThanOrEqual(500);
    expect(outcome.memory.extraBytes).toBeGreaterThan(0);
  });

  it('initcall reset: no DMA fault, but the window of interrupt remapping is left', () => {
    const outcome = run(server, { strategy: strategies.initcallReset });
    expect(outcome.dmaFaults.total).toBe(0);
    expect(outcome.interruptFaults.total).toBeGreaterThan(0);
    const phases = new Set(
      Object.values(outcome.interruptFaults.byRequester).flatMap((count) => Object.keys(count.phases)),
    );
    expect(phases).toContain('irq_remap_init');
    expect(phases).not.toContain('iommu_init');
    expect(outcome.dump).toBe('saved');
  });

  it('... which live interrupts alone make dangerous', () => {
    const masked: Machine = { ...server, workload: { ...server.workload, interrupts: false } };
    expect(run(masked, { strategy: strategies.initcallReset }).interruptFaults.total).toBe(0);
  });

  it('disconnecting stops all until drivers attach, and costs what is behind bridges: the display', () => {
    const outcome = run(server, { strategy: strategies.xenDisconnect });
    for (const count of Object.values(outcome.dmaFaults.byRequester)) {
      expect(Object.keys(count.phases)).toEqual(['device_initcalls']);
    }
    expect(outcome).toMatchObject({ dump: 'saved', display: 'lost' });
    expect(run(server).display).not.toBe('none');
  });
});

describe('Cooper 2011', () => {
  it('Xen switches the IOMMU off: guest addresses become physical, memory is overwritten', () => {
    const outcome = run('q35-lab', { kernel: 'xen-2011' });
    expect(outcome.dump).toBe('altered');
    expect(outcome.corruption.length).toBeGreaterThan(0);
    for (const one of outcome.corruption) expect(one.via).toContain('untranslated');
  });

  it('with every device disconnected nothing is', () => {
    const outcome = run('q35-lab', { kernel: 'xen-2011', strategy: strategies.xenDisconnect });
    expect(outcome.corruption).toEqual([]);
    expect(outcome.dump).toBe('saved');
  });
});

describe('a first kernel in scalable mode', () => {
  it.each(['linux-4.2', 'linux-5.10'])('is taken for a legacy one by %s, and copied wrongly', (kernel) => {
    const { outcome, log } = crash({
      machine: preset('scalable-2026'),
      strategy: strategies.none,
      firstKernel: 'linux-6',
      kernel,
      seed: 1,
    });
    expect(log.join('\n')).toContain('Copied translation tables from previous kernel');
    const { '82:14.0': upper, '00:1f.3': alsoUpper } = outcome.dmaFaults.byRequester;
    for (const count of [upper, alsoUpper]) {
      expect(Object.keys(count?.phases ?? {})).toContain('iommu_init');
      // Upper halves of root entries are not copied at all.
      expect(Object.keys(count?.reasons ?? {})).toContain('0x39');
    }
  });

  it('is not what 4.2 can drive: with entries of the wrong kind no device works', () => {
    const { outcome } = crash({
      machine: preset('scalable-2026'),
      strategy: strategies.none,
      firstKernel: 'linux-6',
      kernel: 'linux-4.2',
      seed: 1,
    });
    expect(outcome.dump).toBe('lost');
  });

  it('is copied by 6', () => {
    const { outcome, log } = crash({
      machine: preset('scalable-2026'),
      strategy: strategies.none,
      kernel: 'linux-6',
      seed: 1,
    });
    expect(log.join('\n')).toContain('Copied translation tables from previous kernel');
    for (const count of Object.values(outcome.dmaFaults.byRequester)) {
      expect(Object.keys(count.phases)).toEqual(['init']);
    }
  });
});

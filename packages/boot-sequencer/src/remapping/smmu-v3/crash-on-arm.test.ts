import { type Machine, preset } from '@quiesce/machine';
import { registerOffset } from '@quiesce/smmu-v3';
import { defineStrategy, type Strategy, type StrategyPlugin } from '@quiesce/strategy';
import { describe, expect, it } from 'vitest';
import { type CrashResult, crash } from '../../crash.ts';

function plugin(name: string, description: string, hooks: Pick<Strategy, 'iommuInit'>): StrategyPlugin {
  const about = { name, description, sources: [] };
  return defineStrategy<unknown>({ ...about, create: () => ({ ...about, ...hooks }) });
}

const nothing = plugin('nothing', 'No hook at all.', {});

function run(
  kernel: string,
  seed = 1,
  machine: Machine = preset('arm-server-2026'),
  strategy: StrategyPlugin = nothing,
): CrashResult {
  return crash({ machine, strategy, kernel, seed });
}

/** Reason codes of a run's DMA faults. */
function reasons({ outcome }: CrashResult): string[] {
  return [
    ...new Set(Object.values(outcome.dmaFaults.byRequester).flatMap((one) => Object.keys(one.reasons))),
  ].sort();
}

describe.each([1, 2, 3])('an Arm server, seed %i', (seed) => {
  it('refuses leftover DMA, and drivers have no DMA, where the SMMU aborts and its probe fails', () => {
    const result = run('smmuv3-abort', seed);
    const { outcome, log } = result;
    expect(reasons(result)).toEqual(['0x00']);
    expect(outcome.corruption).toEqual([]);
    expect(outcome.untranslated.total).toBe(0);
    expect(log.join('\n')).toContain('AER: fatal error received: 0000:01:00.0');
    expect(log.join('\n')).not.toContain('event 0x');
    expect(outcome.devices['02:00.0']).toBe('failed');
    expect(outcome.dump).toBe('lost');
  });

  it('lets leftover DMA into RAM where the I/O virtual address says, while a reset bypasses', () => {
    const { outcome, log } = run('smmuv3-reset', seed);
    expect(outcome.untranslated.total).toBeGreaterThan(0);
    expect(outcome.corruption.map(({ owner, phases }) => [owner, phases])).toContainEqual([
      'first-kernel',
      ['iommu_init'],
    ]);
    for (const { via } of outcome.corruption) {
      const [, from, to] = /(0x[0-9a-f]+) -> untranslated -> (0x[0-9a-f]+)/.exec(via) ?? [];
      expect(to).toBe(from);
    }
    expect(outcome.dump).toBe('altered');
    expect(log.join('\n')).toContain('arm-smmu-v3 arm-smmu-v3.0.auto: event 0x10 received:');
  });

  it('refuses leftover DMA, silently, and then gives drivers new tables, as Linux does today', () => {
    const result = run('smmuv3-reattach', seed);
    expect(reasons(result)).toEqual(['0x00', '0x10']);
    expect(result.outcome.corruption).toEqual([]);
    expect(result.log.join('\n')).not.toContain('event 0x');
    expect(result.outcome.dump).toBe('saved');
  });

  it('has no fault at all where the old stream table is adopted, and saves the dump', () => {
    const { outcome, log } = run('smmuv3-adopt', seed);
    expect(outcome.dmaFaults.total).toBe(0);
    expect(outcome.interruptFaults.total).toBe(0);
    expect(outcome.untranslated.total).toBe(0);
    expect(outcome.corruption).toEqual([]);
    expect(log.join('\n')).not.toMatch(/AER|Resetting/);
    expect(outcome.dump).toBe('saved');
  });
});

it('faults in an adopted table only if a driver maps before it resets its device', () => {
  const machine = preset('arm-server-2026');
  const functions = machine.functions.map((one) => ({
    ...one,
    driver: one.name === '0000:03:00.0' ? { ...one.driver, resetsBeforeMap: false } : one.driver,
  }));
  const { outcome } = run('smmuv3-adopt', 1, { ...machine, functions });
  expect(Object.keys(outcome.dmaFaults.byRequester)).toEqual(['03:00.0']);
  expect(Object.keys(outcome.dmaFaults.byRequester['03:00.0']?.phases ?? {})).toEqual(['init']);
});

/** Points the enabled unit at an empty stream table, and goes on with whatever its register says afterwards. */
const swap = plugin('swap', 'Writes STRTAB_BASE while SMMUEN is 1.', {
  iommuInit(ctx) {
    for (const unit of ctx.units) {
      unit.write32(registerOffset.STRTAB_BASE, ctx.pages.allocate());
      const address = (unit.read32(registerOffset.STRTAB_BASE) & 0xffff_ffc0) >>> 0;
      ctx.kernel.adoptRootTable(unit, { address, scalable: false });
      ctx.kernel.invalidateTranslations(unit);
    }
  },
});

describe('a stream table that is swapped while the unit is enabled', () => {
  function swapped(writeWhileEnabled: 'ignored' | 'taken'): CrashResult {
    const machine = preset('arm-server-2026');
    const units = machine.units.map((unit) => ({ ...unit, writeWhileEnabled }));
    return run('smmuv3-reattach', 1, { ...machine, units }, swap);
  }

  it('is none on a unit that ignores the write: old traffic goes on', () => {
    const { outcome } = swapped('ignored');
    expect(outcome.dmaFaults.byRequester['03:00.0']?.phases.iommu_init).toBeUndefined();
    expect(outcome.corruption).toEqual([]);
  });

  it('is empty at once on a unit that takes it: every stream is unknown', () => {
    const { outcome } = swapped('taken');
    expect(outcome.dmaFaults.byRequester['03:00.0']?.reasons['0x02']).toBeGreaterThan(0);
    expect(outcome.dmaFaults.byRequester['03:00.0']?.phases.iommu_init).toBeGreaterThan(0);
  });
});

it('is the same event by event', () => {
  const machine = preset('arm-server-2026');
  for (const kernel of ['smmuv3-reset', 'smmuv3-adopt']) {
    const request = { machine, strategy: nothing, kernel, seed: 4 };
    const { traceHash: _fast, ...fast } = crash(request).outcome;
    const { traceHash: _slow, ...slow } = crash({ ...request, mode: 'event-by-event' }).outcome;
    expect(slow).toEqual(fast);
  }
});

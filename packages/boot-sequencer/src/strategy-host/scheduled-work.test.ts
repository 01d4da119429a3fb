import { preset } from '@quiesce/machine';
import type { IommuFaultContext, Strategy } from '@quiesce/strategy';
import { expect, test } from 'vitest';
import { type CrashResult, crash } from '../crash.ts';

/** The kernel of 2013 on a machine whose devices fault as soon as the tables are new. */
function run(iommuFault: (ctx: IommuFaultContext) => void): CrashResult {
  const about = { name: 'puts-off', description: 'Puts work off.', sources: ['a test'] };
  const strategy: Strategy = { ...about, iommuFault };
  return crash({
    machine: preset('q35-lab'),
    strategy: { ...about, create: () => strategy },
    kernel: 'linux-3.10',
    seed: 1,
  });
}

test('work runs later, in whichever phase boot has come to, and takes none of its time', () => {
  const phases: string[] = [];
  let asked = false;
  const { outcome } = run(({ phase, schedule }) => {
    if (asked) return;
    asked = true;
    phases.push(phase);
    schedule(500, (later) => phases.push(later.phase));
  });
  expect(phases[0]).toBe('iommu_init');
  expect(phases).toHaveLength(2);
  expect(phases[1]).not.toBe('iommu_init');
  const { outcome: without } = run(() => {});
  expect(outcome.time).toEqual(without.time);
});

test('work that throws is a failure of the strategy', () => {
  const { outcome } = run(({ schedule }) =>
    schedule(1, () => {
      throw new Error('no such device');
    }),
  );
  expect(outcome.strategyFailure).toMatchObject({ code: 'THREW', message: 'no such device' });
});

test('a time that is no number is refused', () => {
  const { outcome } = run(({ schedule }) => schedule(Number.NaN, () => {}));
  expect(outcome.strategyFailure).toMatchObject({ code: 'BUDGET_EXHAUSTED' });
});

test('work that schedules itself for ever does not hold the kernel up', () => {
  let rounds = 0;
  const again = (ctx: IommuFaultContext): void => {
    rounds++;
    ctx.schedule(10, again);
  };
  const { outcome } = run((ctx) => {
    if (rounds === 0) again(ctx);
  });
  expect(outcome.stoppedAt).toBeNull();
  expect(rounds).toBeGreaterThan(100);
});

import type { ComparedRun } from '@quiesce/benchmark';
import type { Outcome } from '@quiesce/boot-sequencer';
import { expect, it } from 'vitest';
import { describeGain } from './describe-gain.ts';
import { compareGains, gainOf } from './gain.ts';

function run(changes: Partial<Outcome> & { faults?: number } = {}): ComparedRun {
  const { faults = 0, ...rest } = changes;
  const outcome = {
    dump: 'saved',
    corruption: [],
    untranslated: { total: 0, byRequester: {} },
    dmaFaults: { total: faults },
    interruptFaults: { total: 0 },
    display: 'kept',
    reboot: { verdict: 'completed', cause: null },
    ...rest,
  } as unknown as Outcome;
  return { strategy: '', kernel: '', seed: 1, outcome, failure: null };
}

const eight = (one: ComparedRun): ComparedRun[] => Array.from({ length: 8 }, () => one);

it('a saved dump goes before everything else', () => {
  const gain = gainOf(eight(run({ dump: 'lost' })), eight(run({ dump: 'altered', faults: 5000 })));
  expect(gain.verdict).toBe('better');
  expect(gain.against).toEqual(['altered-dump', 'faults']);
  expect(describeGain(gain)).toContain('saves the dump in 8');
  expect(describeGain(gain)).toContain('but lets DMA change the dump in 8');
});

it('one crash of eight is chance, two are not', () => {
  const now = eight(run({ dump: 'altered' }));
  const one = [run(), ...now.slice(1)];
  expect(gainOf(now, one).verdict).toBe('same');
  expect(gainOf(now, [run(), run(), ...now.slice(2)]).verdict).toBe('better');
});

it('a few faults more are no flood', () => {
  expect(gainOf(eight(run()), eight(run({ faults: 50 }))).verdict).toBe('same');
  expect(gainOf(eight(run()), eight(run({ faults: 200 }))).verdict).toBe('worse');
});

it('a run without an outcome is a lost dump', () => {
  const failed: ComparedRun = { ...run(), outcome: null };
  expect(gainOf(eight(run()), eight(failed)).verdict).toBe('worse');
});

it('ranks by the first criterion in which they differ', () => {
  const now = eight(run({ dump: 'lost', faults: 1000 }));
  const saved = gainOf(now, eight(run({ faults: 1000 })));
  const quiet = gainOf(now, eight(run({ dump: 'lost' })));
  expect(compareGains(saved, quiet)).toBeLessThan(0);
  expect(compareGains(quiet, saved)).toBeGreaterThan(0);
  expect(compareGains(saved, saved)).toBe(0);
});

import { describe, expect, it } from 'vitest';
import { run, strategies } from './runs.ts';

describe('determinism', () => {
  it('repeats with equal hashes, run after run', () => {
    for (const strategy of Object.values(strategies)) {
      for (const seed of [1, 2]) {
        const first = run('q35-lab', { strategy, seed });
        const second = run('q35-lab', { strategy, seed });
        expect(second).toEqual(first);
      }
    }
  });

  it('different seeds crash at different instants', () => {
    const hashes = new Set([1, 2, 3, 4, 5].map((seed) => run('q35-lab', { seed }).traceHash));
    expect(hashes.size).toBe(5);
  });
});

describe('steady steps', () => {
  it.each(Object.entries(strategies))('equal event by event: %s', (_name, strategy) => {
    for (const kernel of ['linux-3.10', 'linux-6', 'linux-6-no-copy', 'linux-6-iommu-off', 'xen-2011']) {
      const quick = run('q35-lab', { strategy, kernel, seed: 3 });
      const slow = run('q35-lab', { strategy, kernel, seed: 3, mode: 'event-by-event' });
      expect(quick, kernel).toEqual(slow);
    }
  });
});

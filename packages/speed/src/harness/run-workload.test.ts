import { describe, expect, it } from 'vitest';
import { speedReport } from '../report/speed-report.ts';
import { runWorkload } from './run-workload.ts';
import type { Race, Side } from './side.ts';
import { median } from './statistics.ts';

/** A side that claims these seconds, round by round. */
function side(name: string, seconds: readonly number[], check = 'same'): Side {
  let round = 0;
  return {
    name,
    measure: async () => ({ seconds: seconds[round++ % seconds.length] as number, operations: 100, check }),
  };
}

function race(own: Side, ...rivals: Race['rivals']): Race {
  return { kind: 'race', id: 'r', title: 'a race', work: 'run', unit: 'steps', own, rivals };
}

describe('runWorkload', () => {
  it('compares round by round, so that a slow round slows both', async () => {
    const workload = race(side('own', [1, 10, 1]), { side: side('peer', [2, 20, 2]), atLeast: 2 });
    const result = await runWorkload(workload, 3);
    expect(result).toMatchObject({
      verdict: 'met',
      own: { perSecond: 100 },
      rivals: [{ perSecond: 50, ratio: 2, verdict: 'met' }],
    });
  });

  it('takes no ratio of sides that did different work', async () => {
    const workload = race(side('own', [1]), { side: side('peer', [9], 'other'), atLeast: 2 });
    const result = await runWorkload(workload, 1);
    expect(result).toMatchObject({ verdict: 'wrong', disagreement: 'own: 100 / same; peer: 100 / other' });
    expect(speedReport([result])).toContain('not the same work');
  });

  it('says why a peer is missing, and does not fail for it', async () => {
    const workload = race(side('own', [1]), { side: { name: 'peer', missing: 'not installed' }, atLeast: 2 });
    const result = await runWorkload(workload, 1);
    expect(result.verdict).toBe('skipped');
    expect(speedReport([result])).toMatch(/peer +skipped +not installed/);
  });

  it('lets one missed rival decide', async () => {
    const workload = race(
      side('own', [1]),
      { side: side('slow', [9]), atLeast: 2 },
      { side: side('fast', [0.1]), atLeast: 2 },
    );
    const result = await runWorkload(workload, 1);
    expect(result.verdict).toBe('missed');
    expect(speedReport([result])).toContain('we are 0.10 times as fast, wanted at least 2: MISSED');
  });

  it('holds a figure against its bound', async () => {
    const figures = [9, 4, 1];
    const limit = { kind: 'limit', id: 'l', title: 't', work: 'w', unit: 'ms' } as const;
    const figure = async (): Promise<number> => figures.pop() as number;
    expect(await runWorkload({ ...limit, atMost: 5, figure }, 3)).toMatchObject({
      figure: 4,
      verdict: 'met',
    });
    const slow = async (): Promise<number> => 6;
    expect(await runWorkload({ ...limit, atMost: 5, figure: slow }, 1)).toMatchObject({ verdict: 'missed' });
  });
});

describe('median', () => {
  it('is the middle, or the mean of two', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });
});

import type { Comparison } from '@quiesce/benchmark';
import { beforeAll, describe, expect, it } from 'vitest';
import { notBuilt, runBuilt } from './testing/built-command.ts';

/** Failure code of each strategy of `testing/broken-strategies`. */
const expected: Readonly<Record<string, string>> = {
  'throws-at-import': 'PLUGIN_IMPORT',
  'throws-in-create': 'STRATEGY_CREATE',
  'throws-in-hook': 'THREW',
  'throws-null': 'THREW',
  exits: 'EXITED',
  'rejects-later': 'ASYNC',
  'is-asynchronous': 'THREW',
  'writes-elsewhere': 'MEMORY_NOT_OWNED',
  'uses-too-much-memory': 'OUT_OF_MEMORY',
  'fills-buffers': 'OUT_OF_MEMORY',
  'waits-forever': 'BUDGET_EXHAUSTED',
  'makes-garbage': 'STRATEGY_CREATE',
  'makes-nothing': 'STRATEGY_CREATE',
};
/** Each costs its whole time limit. */
const stuck: Readonly<Record<string, string>> = {
  'never-returns': 'TIME_LIMIT',
  'never-loads': 'TIME_LIMIT',
};
const spoiling = ['prints', 'spoils-globals'];

function compared(strategies: readonly string[], ...more: string[]): string[] {
  const files = strategies.map((name) => `./broken-strategies/${name}.js`);
  return [
    'compare',
    '--machine=q35-lab',
    '--seeds=2',
    '--format=json',
    `--strategy=${['none', ...files, 'xen-disconnect-on-crash'].join(',')}`,
    ...more,
  ];
}

describe.skipIf(notBuilt)('broken strategies', () => {
  let comparison: Comparison;
  let alone: Comparison;
  let late: Comparison;
  beforeAll(async () => {
    const sound = async (argv: readonly string[]): Promise<Comparison> => {
      const { code, stdout, stderr } = await runBuilt(argv);
      expect(stderr).toBe('');
      expect(code).toBe(0);
      return JSON.parse(stdout) as Comparison;
    };
    comparison = await sound(compared([...Object.keys(expected), ...spoiling], '--time-limit=120'));
    late = await sound(compared(Object.keys(stuck), '--time-limit=5'));
    alone = await sound(compared([]));
  }, 300_000);

  it.each(Object.entries({ ...expected, ...stuck }))('%s fails with %s', (name, code) => {
    const runs = [...comparison.runs, ...late.runs].filter((run) => run.strategy.replace('.js', '') === name);
    expect(runs.map((run) => run.failure?.code)).toEqual([code, code]);
  });

  it('other rows are as without them', () => {
    const names = ['none', 'xen-disconnect-on-crash'];
    for (const { runs } of [comparison, late]) {
      expect(runs.filter((run) => names.includes(run.strategy))).toEqual(alone.runs);
    }
  });

  it('what a strategy prints does not reach the result', () => {
    expect(comparison.runs.filter((run) => run.strategy === 'prints').every((run) => run.outcome)).toBe(true);
  });

  it('a strategy that never returns ends a trace, too', async () => {
    const argv = [
      'compare',
      '--machine=q35-lab',
      '--trace=./broken-strategies/never-returns.js',
      '--time-limit=2',
    ];
    const { code, stdout } = await runBuilt(argv);
    expect(stdout).toContain('failed: TIME_LIMIT');
    expect(code).toBe(0);
  }, 60_000);
});

it.skipIf(notBuilt)(
  'the result does not depend on the number of workers',
  async () => {
    // More seeds than one task takes, so that threads are shared, and a strategy that fails.
    const argv = compared(['exits', 'throws-in-hook'], '--seeds=11');
    const results = await Promise.all(
      ['0', '1', '3'].map((workers) => {
        const some = workers === '0' ? compared([], '--seeds=11') : argv;
        return runBuilt([...some, `--workers=${workers}`]);
      }),
    );
    const [inThread, one, three] = results.map((result) => JSON.parse(result.stdout) as Comparison);
    expect(three).toEqual(one);
    const sound = one?.runs.filter((run) => run.failure === null);
    expect(inThread?.runs).toEqual(sound);
  },
  300_000,
);

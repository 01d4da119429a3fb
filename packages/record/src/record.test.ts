import type { StrategyPlugin } from '@quiesce/strategy';
import { describe, expect, it } from 'vitest';
import { readCases } from './case/read-cases.ts';
import { replay } from './replay/replay.ts';
import type { ReplayedCase, ReplayedStatement } from './replay/replay-result.ts';

/** Fewer instants than the whole record takes: the share of a statement needs some. */
const SEEDS = { most: 40 };

const only = process.env['RECORD_CASE'];

async function fromSources(name: string): Promise<StrategyPlugin> {
  const module = new URL(`../../strategy-${name}/src/index.ts`, import.meta.url).href;
  return ((await import(/* @vite-ignore */ module)) as { default: StrategyPlugin }).default;
}

const own = readCases().filter((one) => only === undefined || one.id.includes(only));
const cases = own.map((one) => ({ ...one, seeds: Math.min(one.seeds ?? 4, SEEDS.most) }));

/** `npm test` replays the whole record by the command, with all its instants: here is a sample, or the case that is named. */
const sample = only === undefined ? cases.filter((_, index) => index % 8 === 0) : cases;

function said(statements: readonly ReplayedStatement[]): string {
  return statements
    .filter((each) => !each.agrees)
    .map((each) => `${each.says}: ${each.held} of ${each.runs}, e.g. ${each.example}`)
    .join('\n');
}

async function replayed(id: string): Promise<ReplayedCase> {
  const chosen = cases.filter((one) => one.id === id);
  const { cases: results } = await replay({ cases: chosen, workers: 0, load: fromSources });
  return results[0] as ReplayedCase;
}

describe.each(sample)('$id', ({ id, unexplained }) => {
  it('comes out as it was reported, and otherwise without its cause', { timeout: 60_000 }, async () => {
    const result = await replayed(id);
    expect(result.verdict === 'failed' ? result.reason : '').toBe('');
    if (unexplained !== undefined) {
      expect(result.verdict).toBe('unexplained');
      return;
    }
    expect(`${said(result.statements)}${result.reason ?? ''}`).toBe('');
    expect(result.verdict).toBe('agrees');
    expect(said(result.counterfactual?.statements ?? [])).toBe('');
    expect(result.counterfactual?.failing, 'nothing changes without the cause').not.toBeNull();
    expect(result.counterfactual?.flips).toBe(true);
  });
});

describe('what is observed of a strategy', () => {
  const about = { name: 'idle', description: 'Does nothing.', sources: [] };
  const load = async (): Promise<StrategyPlugin> => ({ ...about, create: () => about });
  const tried = cases.filter((one) => one.strategy.name !== 'none' && one.unexplained === undefined);

  it('would not be observed if nothing were done, unless the case says why', {
    timeout: 120_000,
  }, async () => {
    const idle = tried.map((one) => ({ ...one, seeds: Math.min(one.seeds, 10), strategy: { name: 'idle' } }));
    const { cases: results } = await replay({ cases: idle, workers: 0, load, counterfactuals: false });
    const same = results.filter(({ verdict }) => verdict === 'agrees').map(({ id }) => id);
    const said = tried.filter((one) => one.withoutStrategy !== undefined).map(({ id }) => id);
    expect(same.sort()).toEqual(said.sort());
  });
});

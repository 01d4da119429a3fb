import { readdirSync } from 'node:fs';
import { contractLaboratory } from '@quiesce/boot-sequencer';
import type { StrategyPlugin } from '@quiesce/strategy';
import { checkContract } from '@quiesce/strategy/contract';
import { describe, expect, it } from 'vitest';
import { ownStrategies } from './input/own-strategies.ts';

const packages = new URL('../../', import.meta.url);

async function fromSources(name: string): Promise<StrategyPlugin> {
  const module = new URL(`strategy-${name}/src/index.ts`, packages).href;
  return ((await import(/* @vite-ignore */ module)) as { default: StrategyPlugin }).default;
}

it('every strategy of the house comes with the command', () => {
  const folders = readdirSync(packages).filter((name) => name.startsWith('strategy-'));
  expect([...ownStrategies].sort()).toEqual(folders.map((name) => name.slice('strategy-'.length)).sort());
});

describe('every strategy obeys the contract on every preset machine', () => {
  const laboratory = contractLaboratory();
  it.each(ownStrategies)('%s', { timeout: 120_000 }, async (name) => {
    const plugin = await fromSources(name);
    expect(plugin.name).toBe(name);
    const broken = checkContract(plugin, laboratory).laws.filter((law) => !law.passed);
    expect(broken).toEqual([]);
  });
});

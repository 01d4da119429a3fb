import type { StrategyPlugin } from '@quiesce/strategy';
import { expect, test } from 'vitest';
import { readCases } from '../case/read-cases.ts';
import { compareOverRecord } from './compare-over-record.ts';
import { recordWorlds } from './record-worlds.ts';

const about = { name: 'idle', description: 'Does nothing.', sources: [] };

/** Clears Command of every function on the crash path. */
const off: StrategyPlugin = {
  ...about,
  create: () => ({
    ...about,
    crash(ctx) {
      for (const device of ctx.devices) device.writeConfig16(4, 0);
    },
  }),
};

const cases = readCases().filter(
  ({ id }) => id.startsWith('measured-root-port') || id === 'indoh-2012-no-strategy',
);

test('cases that differ in their strategy alone are one world', () => {
  expect(recordWorlds(cases)).toHaveLength(2);
  expect(recordWorlds(readCases()).length).toBeGreaterThan(40);
});

test('strategies stand in the order of the dumps that they save', async () => {
  const comparison = await compareOverRecord({
    cases,
    strategies: ['idle', 'off'],
    seeds: 2,
    workers: 0,
    load: async (name) => (name === 'off' ? off : { ...about, create: () => about }),
  });
  expect(comparison).toMatchObject({ worlds: 2, seeds: 2 });
  expect(comparison.standings.map(({ strategy }) => strategy)).toEqual(['off', 'idle']);
  const [first, second] = comparison.standings;
  expect(first).toMatchObject({ runs: 4, strategyFailures: 0 });
  expect((first?.saved ?? 0) + (first?.altered ?? 0) + (first?.lost ?? 0)).toBe(4);
  expect(first?.dmaFaults).toBeLessThan(second?.dmaFaults ?? 0);
});

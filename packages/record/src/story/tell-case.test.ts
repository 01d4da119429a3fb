import { expect, test } from 'vitest';
import { readCases } from '../case/read-cases.ts';
import type { RecordCase } from '../case/record-case.ts';
import { tellCase } from './tell-case.ts';

const about = { name: 'idle', description: 'Does nothing.', sources: [] };
const load = async () => ({ ...about, create: () => about });
const [flood] = readCases().filter(({ id }) => id === 'sumner-2014-flood');

test('a crash is told phase by phase, and the phases add up to the outcome', async () => {
  const { steps, outcome, log, kernels } = await tellCase(flood as RecordCase, { load });
  expect(kernels).toEqual(['linux-3.10', 'linux-3.10']);
  expect(log.join('\n')).toContain('fault addr');
  expect(steps[0]).toMatchObject({ phase: 'crash', atMs: 0, dmaFaults: 0 });
  expect(steps.at(-1)?.phase).toBe('reboot');
  const times = steps.map(({ atMs }) => atMs);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  const sum = steps.reduce((total, { dmaFaults }) => total + dmaFaults, 0);
  expect(sum).toBe(outcome.dmaFaults.total);
  const iommuInit = steps.find(({ phase }) => phase === 'iommu_init');
  expect(iommuInit?.dmaFaults).toBeGreaterThan(0);
});

test('the same seed tells the same story', async () => {
  const one = await tellCase(flood as RecordCase, { load, seed: 7 });
  const again = await tellCase(flood as RecordCase, { load, seed: 7 });
  expect(again.outcome.traceHash).toBe(one.outcome.traceHash);
  expect(again.steps).toEqual(one.steps);
});

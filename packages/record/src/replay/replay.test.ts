import type { StrategyPlugin } from '@quiesce/strategy';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import schema from '../../schema/result.schema.json' with { type: 'json' };
import { readCases } from '../case/read-cases.ts';
import type { RecordCase } from '../case/record-case.ts';
import { replay } from './replay.ts';

const about = { name: 'idle', description: 'Does nothing.', sources: [] };
const idle: StrategyPlugin = { ...about, create: () => about };
const load = async (): Promise<StrategyPlugin> => idle;

const [sample] = readCases().filter((one) => one.id === 'measured-uhci-handoff');
const small = { ...(sample as RecordCase), seeds: 2 };

function changed(change: Partial<RecordCase>): RecordCase {
  return { ...small, ...change };
}

test('a result is what its schema says, and the totals count it', async () => {
  const seen: number[] = [];
  const unexplained = changed({ id: 'two', unexplained: 'nobody knows' });
  const result = await replay({
    cases: [small, unexplained],
    workers: 0,
    load,
    onProgress: (done, total) => seen.push(done / total),
  });
  const validate = new Ajv2020().compile(schema);
  expect(validate(JSON.parse(JSON.stringify(result))), JSON.stringify(validate.errors)).toBe(true);
  expect(result.totals).toMatchObject({ cases: 2, agrees: 1, unexplained: 1, flips: 2, crashes: 8 });
  expect(result.cases[0]?.statements[0]).toMatchObject({ held: 2, runs: 2, agrees: true });
  expect(seen.at(-1)).toBe(1);
});

test('a statement that does not hold disagrees; a counterfactual that changes nothing does not flip', async () => {
  const cases = [
    changed({ observed: [{ says: 'it is lost', path: '/dump', is: 'lost' }] }),
    changed({
      id: 'same',
      counterfactual: {
        cause: 'the colour of the case',
        change: { machine: [{ set: { description: 'red' } }] },
        instead: [{ says: 'others fault', path: '/dmaFaults/total', atLeast: 1 }],
      },
    }),
  ];
  const result = await replay({ cases, workers: 0, load });
  expect(result.cases[0]).toMatchObject({ verdict: 'disagrees' });
  expect(result.cases[0]?.statements[0]?.example).toBe('saved');
  expect(result.cases[1]).toMatchObject({
    verdict: 'agrees',
    counterfactual: { flips: false, failing: null },
  });
});

test('a case that cannot be run fails by itself; one whose strategy fails does not agree', async () => {
  const cases = [
    changed({ machine: { preset: 'q36' } }),
    changed({ id: 'kernel', secondKernel: 'linux-0.01' }),
    changed({ id: 'throws', strategy: { name: 'throws' } }),
    changed({ id: 'fine' }),
  ];
  const broken: StrategyPlugin = {
    ...about,
    create: () => ({
      ...about,
      setupArch() {
        throw new Error('no');
      },
    }),
  };
  const result = await replay({
    cases,
    workers: 0,
    load: async (name) => (name === 'throws' ? broken : idle),
    counterfactuals: false,
  });
  expect(result.cases.map(({ verdict }) => verdict)).toEqual(['failed', 'failed', 'disagrees', 'agrees']);
  expect(result.cases[0]?.reason).toContain('q36');
  expect(result.cases[2]?.reason).toBe('the strategy failed');
  expect(result.cases[3]?.counterfactual).toBeNull();
});

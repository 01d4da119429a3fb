import { readFileSync } from 'node:fs';
import { kernelProfile } from '@quiesce/boot-sequencer';
import { preset } from '@quiesce/machine';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { compare, compareAll } from './compare.ts';
import type { ComparedRun } from './comparison.ts';
import { tellStory } from './tell-story.ts';

const strategy = (name: string): { name: string; module: string; options: object } => ({
  name,
  module: new URL(`../testing/strategies/${name}.js`, import.meta.url).href,
  options: {},
});
const request = {
  machine: preset('q35-lab'),
  strategies: [strategy('quiet'), strategy('broken')] as never[],
  kernels: ['linux-3.10', 'linux-6'],
  seeds: [3, 4],
  workers: 0,
};
const schema = JSON.parse(
  readFileSync(new URL('../../schema/comparison.schema.json', import.meta.url), 'utf8'),
) as object;
const validate = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(schema);

describe('a comparison', () => {
  it('has every strategy on every kernel with every seed, in order, and is as its schema says', async () => {
    const told: number[] = [];
    const result = await compare({ ...request, onProgress: (done) => told.push(done) });
    expect(result.runs.map(({ kernel, strategy, seed }) => `${kernel} ${strategy} ${seed}`)).toEqual(
      ['linux-3.10', 'linux-6'].flatMap((kernel) =>
        ['quiet', 'broken'].flatMap((name) => [3, 4].map((seed) => `${kernel} ${name} ${seed}`)),
      ),
    );
    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(result.machine).toEqual({ name: 'q35-lab', functions: 19, units: 1 });
    const written = JSON.parse(JSON.stringify(result)) as unknown;
    validate(written);
    expect(validate.errors).toBeNull();
  });

  it('says which runs a strategy spoiled, and leaves the others alone', async () => {
    const both = await compare(request);
    const alone = await compare({ ...request, strategies: request.strategies.slice(0, 1) });
    expect(both.runs.filter((run) => run.strategy === 'quiet')).toEqual(alone.runs);
    for (const run of both.runs.filter(({ strategy }) => strategy === 'broken')) {
      expect(run.failure).toMatchObject({ code: 'THREW', message: 'broken in a hook' });
    }
  });

  it('takes kernels of one’s own, and parameters for the second one', async () => {
    const kernel = { ...kernelProfile('linux-6'), name: 'mine' };
    const one = {
      machine: request.machine,
      strategies: request.strategies.slice(0, 1),
      seeds: [3],
      workers: 0,
    };
    const plain = await compare({ ...one, kernels: [kernel], firstKernel: kernel });
    expect(plain.firstKernel).toBe('mine');
    expect(plain.runs.map((run) => run.kernel)).toEqual(['mine']);
    expect(plain.runs[0]?.outcome).toEqual(
      (await compare({ ...one, kernels: ['linux-6'] })).runs[0]?.outcome,
    );
    const declined = await compare({ ...one, kernels: [kernel], parameters: ['nointremap'] });
    expect(declined.runs[0]?.outcome?.traceHash).not.toBe(plain.runs[0]?.outcome?.traceHash);
  });

  it('runs several at once as each by itself', async () => {
    const { machine, strategies, kernels, seeds } = request;
    const other = preset('server-2012');
    const told: number[] = [];
    const both = await compareAll(
      [
        { machine, strategies, kernels, seeds },
        { machine: other, strategies: [strategies[1] as never, strategies[0] as never], kernels, seeds: [9] },
      ],
      { workers: 0, onProgress: (done) => told.push(done) },
    );
    expect(both[0]).toEqual(await compare(request));
    expect(both[1]?.machine.name).toBe('server-2012');
    const key = ({ kernel, strategy, seed }: ComparedRun): string => `${kernel} ${strategy} ${seed}`;
    expect(both[1]?.runs.map(key).sort()).toEqual(
      ['linux-3.10 broken 9', 'linux-3.10 quiet 9', 'linux-6 broken 9', 'linux-6 quiet 9'].sort(),
    );
    expect(told).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
  });

  it('does not load what could not be loaded before', async () => {
    const failure = { code: 'TIME_LIMIT', message: 'did not end within 1 s' };
    const stuck = { ...strategy('quiet'), name: 'stuck', failure } as never;
    const result = await compare({ ...request, strategies: [stuck] });
    expect(result.runs.map((run) => run.failure)).toEqual([failure, failure, failure, failure]);
    expect(validate(JSON.parse(JSON.stringify(result)))).toBe(true);
  });

  it('refuses options that no strategy has', async () => {
    const strategies = [{ ...strategy('quiet'), options: { loud: true } }] as never[];
    await expect(compare({ ...request, strategies })).rejects.toMatchObject({ code: 'STRATEGY_OPTIONS' });
  });
});

it('a story is the same run with its log', async () => {
  const about = { machine: request.machine, kernel: 'linux-3.10' };
  const { run, log } = await tellStory({
    ...about,
    strategy: strategy('quiet') as never,
    seed: 3,
    worker: false,
  });
  const { runs } = await compare({ ...request, kernels: ['linux-3.10'] });
  expect(run).toEqual(runs[0]);
  expect(log.join('\n')).toContain('Linux version');
});

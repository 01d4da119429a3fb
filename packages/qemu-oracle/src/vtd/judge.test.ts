import { describe, expect, it } from 'vitest';
import { compileProgram } from './compile-program.ts';
import { legacyDmaDeviations } from './dma-deviations.ts';
import { Judge } from './judge.ts';
import { ModelDriver } from './model-driver.ts';
import type { Operation } from './operation.ts';
import type { Observation, Scenario } from './scenario.ts';
import { plainUnit } from './unit-description.ts';

const map = (frame: number, rights = 3): Operation => ({
  kind: 'map',
  tree: 0,
  place: 1,
  page: 0,
  size: 0,
  frame,
  rights,
  upperRights: 3,
  flaw: 'none',
  flawAbove: 0,
});
const context = (domain: number): Operation => ({
  kind: 'context',
  requester: 0,
  tree: 0,
  type: 0,
  width: -1,
  domain,
  faultDisable: false,
  flaw: 'none',
  pasidFlaw: 'none',
});
const request: Operation = {
  kind: 'request',
  requester: 0,
  write: true,
  place: 1,
  page: 0,
  offset: 4,
  keep: false,
};
const invalidate = (scope: number, domain: number): Operation => ({
  kind: 'invalidate-translations',
  scope,
  domain,
  place: 1,
  page: 0,
  addressMask: 0,
});

function scenario(operations: readonly Operation[], queued = false): Scenario {
  const setup: Operation[] = [{ kind: 'root', bus: 0, flaw: 'none' }, context(1), map(0)];
  return compileProgram(
    { scalable: false, queued, levels: [3, 3, 3], pasid: 0, setup, operations },
    plainUnit.addressBits,
  );
}

/** What the judge says when the other side's last request went to `target`, or left that record. */
async function verdict(steps: Scenario, last: Partial<Observation>): Promise<string> {
  const model = await new ModelDriver(plainUnit).play(steps);
  const other = [...model];
  other[steps.findLastIndex((step) => step.do === 'dma')] = {
    ...(model[steps.findLastIndex((step) => step.do === 'dma')] as Observation),
    ...last,
  };
  const judge = new Judge(plainUnit, legacyDmaDeviations);
  const problem = judge.compare(steps, model, other);
  if (problem !== undefined) return 'disagreement';
  if (judge.deviations.size > 0) return [...judge.deviations.keys()].join();
  return judge.tally.has('cached otherwise, as allowed') ? 'allowed' : 'alike';
}

const refused = { target: -1, log: [2, 0x4200_0000, 0, 0x20, 0x8000_0005] };

describe('the judge', () => {
  it('takes equal answers, and no others where nothing was cached', async () => {
    const steps = scenario([request]);
    expect(await verdict(steps, {})).toBe('alike');
    expect(await verdict(steps, { target: 1 })).toBe('disagreement');
    expect(await verdict(steps, refused)).toBe('disagreement');
    expect(await verdict(steps, { target: -1 })).toBe('disagreement');
  });

  it('allows the old translation and the new one until it is invalidated, and nothing else', async () => {
    const steps = scenario([request, map(1), request]);
    expect(await verdict(steps, { target: 0 })).toBe('alike');
    expect(await verdict(steps, { target: 1 })).toBe('allowed');
    expect(await verdict(steps, { target: 2 })).toBe('disagreement');
    expect(await verdict(steps, refused)).toBe('disagreement');
  });

  it.each([false, true])('allows the new one alone once it is invalidated (queue: %s)', async (queued) => {
    for (const done of [invalidate(1, 9), invalidate(2, 1), invalidate(3, 1)]) {
      const steps = scenario([request, map(1), done, request], queued);
      expect(await verdict(steps, { target: 1 })).toBe('alike');
      expect(await verdict(steps, { target: 0 })).toBe('disagreement');
    }
    const elsewhere = scenario([request, map(1), invalidate(2, 2), request], queued);
    expect(await verdict(elsewhere, { target: 0 })).toBe('alike');
    expect(await verdict(elsewhere, { target: 1 })).toBe('allowed');
  });

  it('does not let what was not present be cached', async () => {
    const steps = scenario([map(0, 0), request, map(1), request]);
    expect(await verdict(steps, { target: 1 })).toBe('alike');
    expect(await verdict(steps, refused)).toBe('disagreement');
  });

  it('knows a translation under another domain for the deviation that it is', async () => {
    const global: Operation = {
      kind: 'invalidate-contexts',
      scope: 1,
      requester: 0,
      domain: 0,
      mask: 0,
    };
    const steps = scenario([request, map(1), context(2), global, request]);
    expect(await verdict(steps, { target: 1 })).toBe('alike');
    expect(await verdict(steps, { target: 0 })).toBe('translations-outlive-their-context-entry');
    expect(await verdict(steps, { target: 2 })).toBe('disagreement');
  });

  it('says so when the model itself does what nothing allows', async () => {
    const steps = scenario([request]);
    const model = await new ModelDriver(plainUnit).play(steps);
    const wrong = model.map((one) => (one.target === undefined ? one : { ...one, target: 3 }));
    const judge = new Judge(plainUnit, legacyDmaDeviations);
    expect(judge.compare(steps, wrong, wrong)).toContain('the model does what nothing allows');
  });
});

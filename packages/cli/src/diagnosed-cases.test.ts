import { diagnoseText, tieRequesters } from '@quiesce/diagnose';
import { readCases, tellCase } from '@quiesce/record';
import { describe, expect, it } from 'vitest';
import { ownFolder } from './input/own-strategies.ts';
import expected from './testing/diagnosed-cases.json' with { type: 'json' };

const cases = readCases();

describe('the log of a simulated crash is diagnosed for what was simulated', () => {
  it.each(Object.entries(expected.causes))('%s', async (id, cause) => {
    const one = cases.find((each) => each.id === id);
    if (one === undefined) throw new Error(`${id} is not in the record`);
    const { log, machine, outcome } = await tellCase(one, { seed: 1, lookUpFrom: [ownFolder] });
    const diagnosis = diagnoseText(log.join('\n'), { file: id });
    const shown = diagnosis.causes.map((each) => `${each.fit} ${each.id}`);
    expect(diagnosis.causes[0]?.id ?? null, shown.join(', ')).toBe(cause);
    expect(diagnosis.kernels.map((kernel) => kernel.role)).toEqual(['first', 'crash']);
    // Every requester of the log is one that the simulation refused something.
    const refused = { ...outcome.dmaFaults.byRequester, ...outcome.interruptFaults.byRequester };
    for (const tie of tieRequesters(diagnosis, machine)) {
      expect(Object.keys(refused)).toContain(tie.requester);
      expect(tie.how, tie.explanation).not.toBe('not-found');
    }
  });
});

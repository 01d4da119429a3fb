import { UserError } from '@quiesce/simulation';
import { describe, expect, it } from 'vitest';
import { damagedInput, tryOnce } from './runner/trial.ts';
import type { Subject } from './subject/subject.ts';
import { findSubject, subjects } from './subject/subjects.ts';

/** `npm run robustness -- --cases 100000` tries many more. */
const TRIALS = 100;

describe.each(subjects.map((one) => one.name))('%s', (name) => {
  const subject = findSubject(name);

  it('takes its sound inputs, and loses nothing of them', async () => {
    for (const input of subject.inputs()) expect(await subject.take(input)).toBeUndefined();
  });

  it('takes damaged inputs, or refuses them with an error that says where', async () => {
    for (let trial = 0; trial < TRIALS; trial++) expect(await tryOnce(subject, 1, trial)).toBeUndefined();
  });
});

describe('a trial', () => {
  const careless = (take: Subject['take']): Subject => {
    return {
      name: 'careless',
      text: true,
      inputs: () => [new TextEncoder().encode('one\ntwo\nthree\n')],
      take,
    };
  };

  it('damages the same way for the same seed', () => {
    const subject = careless(() => undefined);
    const inputs = Array.from({ length: 50 }, (_, trial) => damagedInput(subject, 1, trial).join());
    expect(Array.from({ length: 50 }, (_, trial) => damagedInput(subject, 1, trial).join())).toEqual(inputs);
    expect(new Set(inputs).size).toBeGreaterThan(30);
  });

  it('complains of whoever throws, loses something, or refuses without a place', async () => {
    const complaintOf = async (take: Subject['take']): Promise<string | undefined> =>
      (await tryOnce(careless(take), 1, 0))?.what;
    expect(await complaintOf(() => undefined)).toBeUndefined();
    expect(await complaintOf(() => 'line 2 is lost')).toBe('lost');
    expect(await complaintOf(() => JSON.parse('{'))).toBe('threw');
    const refuse = (place: object) => () => {
      throw new UserError('BAD', 'bad', { place });
    };
    expect(await complaintOf(refuse({}))).toBe('unplaced');
    expect(await complaintOf(refuse({ file: 'x' }))).toBeUndefined();
  });
});

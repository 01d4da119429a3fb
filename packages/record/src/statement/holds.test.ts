import type { Outcome } from '@quiesce/boot-sequencer';
import { describe, expect, it } from 'vitest';
import type { Statement } from '../case/record-case.ts';
import { holds } from './holds.ts';

const outcome = {
  dump: 'lost',
  stoppedAt: { phase: 'irq_remap_init', cause: 'SMI handler did not return (remapping-fault)' },
  dmaFaults: {
    total: 7,
    byRequester: {
      '01:00.0': { phases: { init: 3 }, reasons: { '0x05': 3 } },
      '82:14.0': { phases: { init: 1, dump: 3 }, reasons: { '0x39': 4 } },
    },
  },
  corruption: [{ owner: 'cma', phases: ['dump'] }],
  domains: { '01:00.0': { atCrash: 4, atEnd: 2 }, '82:14.0': { atCrash: 5, atEnd: 5 } },
  time: { strategyMs: 500, panicToDumpMs: 5000 },
} as unknown as Outcome;
const log = ['[ 1.0] DMAR: one', '[ 2.0] panic'];

function check(statement: Omit<Statement, 'says'>): boolean {
  return holds({ says: 'it', ...statement }, { outcome, log }).held;
}

describe('a statement over an outcome', () => {
  it.each<[string, Omit<Statement, 'says'>, boolean]>([
    ['is', { path: '/dump', is: 'lost' }, true],
    ['is null', { path: '/stoppedAt', is: null }, false],
    ['one of', { path: '/dump', oneOf: ['saved', 'altered'] }, false],
    ['at least', { path: '/dmaFaults/total', atLeast: 7 }, true],
    ['at most', { path: '/dmaFaults/total', atMost: 6 }, false],
    ['both bounds', { path: '/dmaFaults/total', atLeast: 1, atMost: 9 }, true],
    ['a number is asked of a text', { path: '/dump', atLeast: 0 }, false],
    ['a pattern', { path: '/stoppedAt/cause', matches: '^SMI' }, true],
    ['how many', { path: '/corruption', length: 1 }, true],
    ['exactly these keys', { path: '/dmaFaults/byRequester', keys: ['82:14.0', '01:00.0'] }, true],
    ['one key is missing', { path: '/dmaFaults/byRequester', keys: ['82:14.0'] }, false],
    ['among others', { path: '/dmaFaults/byRequester', hasKeys: ['01:00.0'] }, true],
    ['not there', { path: '/dmaFaults/byRequester', withoutKeys: ['01:00.0'] }, false],
    ['elements of a list', { path: '/corruption/0/phases', keys: ['dump'] }, true],
    ['of every key', { path: '/dmaFaults/byRequester/*/phases', hasKeys: ['init'] }, true],
    ['not of every key', { path: '/dmaFaults/byRequester/*/phases', keys: ['init'] }, false],
    ['of none, because there is none', { path: '/corruption/*/via', is: 'x' }, false],
    ['absent', { path: '/dmaFaults/byRequester/07:00.0', absent: true }, true],
    ['present', { path: '/dump', absent: true }, false],
    [
      'a share of another number',
      { path: '/time/strategyMs', per: '/time/panicToDumpMs', atMost: 0.1 },
      true,
    ],
    ['none of the others', { path: '/domains/01:00.0/atEnd', notAmong: '/domains/*/atCrash' }, true],
    ['one of the others', { path: '/domains/82:14.0/atEnd', notAmong: '/domains/*/atCrash' }, false],
    ['a line', { log: 'DMAR: o' }, true],
    ['no such line', { log: 'DMAR: two' }, false],
    ['no line may be so', { log: 'panic', absent: true }, false],
  ])('%s', (_, statement, expected) => {
    expect(check(statement)).toBe(expected);
  });

  it('shows the value that decided', () => {
    const statement = { says: 'it', path: '/dmaFaults/byRequester/*/phases', keys: ['init'] };
    expect(holds(statement, { outcome, log }).value).toEqual({ init: 1, dump: 3 });
  });

  it('does not reach what an object has of its own kind', () => {
    expect(check({ path: '/dmaFaults/constructor', absent: true })).toBe(true);
  });
});

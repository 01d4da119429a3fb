import type { RecordResult, ReplayedCase } from '@quiesce/record';
import { describe, expect, it } from 'vitest';
import { recordMarkdown } from './record-markdown.ts';
import { recordTable } from './record-table.ts';

const held = (says: string, count: number, runs = 10, agrees = true): ReplayedCase['statements'][number] => ({
  says,
  held: count,
  runs,
  interval: { low: 0.54, high: 0.6 },
  agrees,
  example: '3 | 4',
});

function one(id: string, change: Partial<ReplayedCase> = {}): ReplayedCase {
  return {
    id,
    title: `The case ${id} with a title that is long enough to need a second line somewhere`,
    group: 'Somebody 2012',
    date: '2012-08-03',
    by: 'Ann Author',
    standing: 'reported',
    reported: 'It was so.',
    strategy: 'x',
    kernels: 'a > b',
    machine: 'm',
    verdict: 'agrees',
    reason: null,
    statements: [held('so', 10)],
    counterfactual: { cause: 'the cause', flips: true, failing: 'so', statements: [held('not so', 10)] },
    ...change,
  };
}

const cases = [
  one('plain'),
  one('share', { statements: [held('sometimes', 57, 100)] }),
  one('foreseen', { standing: 'prediction' }),
  one('riddle', { verdict: 'unexplained', reason: 'nobody knows', counterfactual: null }),
  one('wrong', { verdict: 'disagrees', statements: [held('so', 3, 10, false)] }),
  one('same', { counterfactual: { cause: 'the cause', flips: false, failing: null, statements: [] } }),
  one('broken', {
    verdict: 'failed',
    reason: 'no machine is named "q36"',
    statements: [],
    counterfactual: null,
  }),
];
const totals = { cases: 7, agrees: 4, disagrees: 1, unexplained: 1, failed: 1, flips: 4, crashes: 1234 };
const result: RecordResult = { schema: 'quiesce/record/1', cases, totals };

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours
const plain = (text: string): string => text.replace(/\u001b\[\d+m/g, '');

describe('the table of the record', () => {
  const text = plain(recordTable(result, 100));

  it('has who, when, what, and what the laboratory says', () => {
    expect(text).toMatch(/^Somebody 2012$/m);
    expect(text).toMatch(/^ {2}2012-08-03 {2}Author {2}The case plain .* agrees +yes$/m);
    expect(text).toMatch(/The case share .* agrees 57 % \(54-60\) +yes$/m);
    expect(text).toMatch(/The case foreseen .* predicted +yes$/m);
    expect(text).toMatch(/The case riddle .* unexplained$/m);
    expect(text).toMatch(/The case same .* agrees +no$/m);
  });

  it('says below what is wrong', () => {
    expect(text).toContain('wrong disagrees:\n  so: in 3 of 10; there is 3 | 4');
    expect(text).toContain('same does not change without its cause:\n  all of its statements still hold');
    expect(text).toContain('broken: no machine is named "q36"');
    expect(text).toContain('7 cases: 3 agree, 1 disagree, 1 unexplained, 1 prediction, 1 failed.');
    expect(text).toContain('4 of 5 flip');
    expect(text).toContain('1,234 crashes');
  });

  it('fits its width', () => {
    for (const width of [90, 100, 140]) {
      for (const line of plain(recordTable(result, width)).split('\n')) {
        if (line.includes('2012-08-03')) expect(line.length).toBeLessThanOrEqual(width);
      }
    }
  });
});

it('Markdown has a row a case, and cells that hold', () => {
  const lines = recordMarkdown(result).split('\n');
  expect(lines.filter((line) => line.startsWith('| 2012-08-03'))).toHaveLength(7);
  for (const line of lines.slice(0, 9)) expect(line.split(/(?<!\\)\|/)).toHaveLength(7);
});

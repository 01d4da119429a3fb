import { expect, it } from 'vitest';
import type { TimelineLane } from '../document.ts';
import { timelineTable } from './timeline-table.ts';

const kernel: TimelineLane = {
  name: 'crash kernel',
  spans: [
    { startMs: 0, endMs: 20, label: 'crash' },
    { startMs: 20, endMs: 3100, label: 'purgatory' },
    { startMs: 20, endMs: 20, label: 'init' },
  ],
  marks: [],
};
const leftover: TimelineLane = {
  name: 'leftover DMA, KiB',
  spans: [{ startMs: 20, endMs: 3100, label: '3087', severity: 'warning' }],
  marks: [],
};
const faults: TimelineLane = {
  name: '0000:04:00.0',
  spans: [],
  marks: [
    { atMs: 20, label: 'DMA fault', details: 'PTE', severity: 'warning', count: 12 },
    { atMs: 20, label: 'corruption' },
    { atMs: 40.5, label: 'DMA fault' },
  ],
};

it('sets what happens at one time beside each other, and events behind what they begin with', () => {
  const { columns, rows } = timelineTable([kernel, leftover, faults]);
  expect(columns.map(({ name }) => name)).toEqual([
    'from ms',
    'to ms',
    'crash kernel',
    'leftover DMA, KiB',
    'events',
  ]);
  expect(rows).toEqual([
    ['0', '20', 'crash', '', ''],
    [
      '20',
      '3,100',
      'purgatory',
      { text: '3087', severity: 'warning' },
      { text: '0000:04:00.0: DMA fault: PTE (12 times)', severity: 'warning' },
    ],
    ['', '', '', '', '0000:04:00.0: corruption'],
    ['20', '20', 'init', '', ''],
    ['40.5', '', '', '', '0000:04:00.0: DMA fault'],
  ]);
});

it('has no column of events where there are none', () => {
  const { columns, rows } = timelineTable([kernel]);
  expect(columns).toHaveLength(3);
  expect(rows[0]).toEqual(['0', '20', 'crash']);
});

it('tells what has no column of its own among the events, and loses nothing', () => {
  const many = Array.from({ length: 6 }, (_, index) => ({ ...leftover, name: `lane ${index}` }));
  const text = JSON.stringify(timelineTable(many));
  for (const { name } of many) expect(text).toContain(name);
  const twice = timelineTable([{ ...leftover, spans: [...leftover.spans, ...leftover.spans] }]);
  expect(JSON.stringify(twice).split('3087')).toHaveLength(3);
  expect(timelineTable([])).toMatchObject({ rows: [] });
});

import type { RecordComparison, RecordStanding } from '@quiesce/record';
import Table from 'cli-table3';
import pc from 'picocolors';
import { markdownRow } from './comparison-markdown.ts';
import { shortBytes, shortCount, shortTime } from './quantity.ts';
import { borderless, fitting, linesOf } from './table-style.ts';

/** A column: what it is called, in two lines of a table, and what stands in it. */
interface StandingColumn {
  readonly title: readonly [string, string];
  readonly text: (row: RecordStanding) => string;
  /** Lower ones give way where a terminal is narrow. */
  readonly rank: number;
}

const perRun = (row: RecordStanding, sum: number): number => (row.runs === 0 ? 0 : sum / row.runs);
const share = (row: RecordStanding, count: number): string =>
  row.runs === 0 ? '' : `${Math.round((100 * count) / row.runs)} %`;

const columns: readonly StandingColumn[] = [
  { title: ['', 'strategy'], text: (row) => row.strategy, rank: 99 },
  { title: ['dumps', 'saved'], text: (row) => share(row, row.saved), rank: 99 },
  { title: ['', 'altered'], text: (row) => share(row, row.altered), rank: 99 },
  { title: ['', 'lost'], text: (row) => share(row, row.lost), rank: 99 },
  { title: ['DMA', 'faults'], text: (row) => shortCount(perRun(row, row.dmaFaults)), rank: 9 },
  { title: ['IRQ', 'faults'], text: (row) => shortCount(perRun(row, row.interruptFaults)), rank: 8 },
  { title: ['system', 'errors'], text: (row) => shortCount(perRun(row, row.systemErrors)), rank: 7 },
  { title: ['displays', 'lost'], text: (row) => share(row, row.displaysLost), rank: 6 },
  { title: ['reboots', 'hung'], text: (row) => share(row, row.rebootsHung), rank: 4 },
  { title: ['own', 'time'], text: (row) => shortTime(perRun(row, row.strategyMs)), rank: 5 },
  { title: ['own', 'memory'], text: (row) => shortBytes(perRun(row, row.extraBytes)), rank: 3 },
];

/** Strategies over the record, best first; counts are means of a crash. */
export function standingsTable(comparison: RecordComparison, width: number): string {
  const { standings, worlds, seeds } = comparison;
  const widthOf = (column: StandingColumn): number =>
    Math.max(...column.title.map((one) => one.length), ...standings.map((row) => column.text(row).length));
  const shown = fitting(columns, widthOf, width);
  const table = new Table(borderless(shown.map((_, index) => (index === 0 ? 'left' : 'right'))));
  for (const line of [0, 1] as const) table.push(shown.map(({ title }) => pc.dim(title[line])));
  for (const row of standings) table.push(shown.map(({ text }) => text(row)));
  const about = `${worlds} machines and pairs of kernels of the public record, ${seeds} crashes each; means of a crash`;
  const failing = standings.filter((row) => row.strategyFailures > 0);
  const notes = failing.map((row) => pc.red(`${row.strategy} failed in ${row.strategyFailures} crashes`));
  return `${[about, '', ...linesOf(table), ...(notes.length > 0 ? ['', ...notes] : [])].join('\n')}\n`;
}

/** The same as a Markdown table. */
export function standingsMarkdown({ standings, worlds, seeds }: RecordComparison): string {
  return [
    `${worlds} machines and pairs of kernels, ${seeds} crashes each; counts are means of a crash.\n\n`,
    markdownRow(columns.map(({ title }) => title.join(' ').trim())),
    markdownRow(columns.map((_, index) => (index === 0 ? '---' : '---:'))),
    ...standings.map((row) => markdownRow(columns.map(({ text }) => text(row)))),
  ].join('');
}

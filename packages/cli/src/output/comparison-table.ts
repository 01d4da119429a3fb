import type { StrategySummary } from '@quiesce/benchmark';
import Table from 'cli-table3';
import pc from 'picocolors';
import { type Cell, type Column, comparisonColumns } from './comparison-columns.ts';
import type { Tone } from './dump-verdict.ts';
import { borderless, fitting, linesOf } from './table-style.ts';

/** The columns that fit into `width` characters: those of the lowest rank give way. */
export function fittingColumns(rows: readonly StrategySummary[], width: number): Column[] {
  const columns = comparisonColumns.filter(
    (column) => column.title !== 'display' || rows.some((row) => row.hasDisplay),
  );
  return fitting(columns, (column) => widthOf(column, rows), width);
}

/** Rows below a head of two lines, without borders. */
export function comparisonTable(rows: readonly StrategySummary[], columns: readonly Column[]): string {
  const table = new Table(borderless(columns.map((_, index) => (index < 2 ? 'left' : 'right'))));
  for (const line of [0, 1]) table.push(columns.map(({ title }) => faint(headLine(title, line))));
  for (const row of rows) table.push(columns.map(({ cell }) => coloured(cell(row))));
  return linesOf(table).join('\n');
}

/** The title's last word stands in the lower line. */
function headLine(title: string, line: number): string {
  const words = title.split(' ');
  return line === 1 ? (words.at(-1) ?? '') : words.slice(0, -1).join(' ');
}

function widthOf({ title, cell }: Column, rows: readonly StrategySummary[]): number {
  const texts = [headLine(title, 0), headLine(title, 1), ...rows.map((row) => cell(row).text)];
  return Math.max(...texts.map((text) => text.length));
}

function faint(text: string): string {
  return text === '' ? '' : pc.dim(text);
}

function coloured({ text, tone }: Cell): string {
  return paint[tone](text);
}

const paint: Readonly<Record<Tone, (text: string) => string>> = {
  good: (text) => pc.green(text),
  bad: (text) => pc.red(text),
  mixed: (text) => pc.yellow(text),
  plain: (text) => text,
};

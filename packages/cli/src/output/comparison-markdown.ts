import { type Comparison, summarise } from '@quiesce/benchmark';
import type { Machine } from '@quiesce/machine';
import { comparisonColumns } from './comparison-columns.ts';
import { countOf } from './quantity.ts';

/** The comparison as a Markdown table, with a column for the kernel. */
export function comparisonMarkdown(comparison: Comparison, machine: Machine): string {
  const [strategy, ...others] = comparisonColumns;
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(' | ')} |\n`;
  const seeds = new Set(comparison.runs.map((run) => run.seed)).size;
  const about = [
    countOf(machine.functions.length, 'function'),
    countOf(machine.units.length, 'remapping unit'),
    `${countOf(seeds, 'crash', 'crashes')} each${seeds === 1 ? '' : ' (medians)'}`,
  ];
  return [
    `${escapeCell(machine.name)}: ${about.join(', ')}\n\n`,
    line([strategy?.title ?? '', 'kernel', ...others.map(({ title }) => title)]),
    line(['---', '---', '---', ...others.slice(1).map(() => '---:')]),
    ...summarise(comparison).map((row) =>
      line([row.strategy, row.kernel, ...others.map(({ cell }) => cell(row).text)]),
    ),
  ].join('');
}

/** Text as a cell of a Markdown table. */
export function escapeCell(text: string): string {
  return text.replace(/[\\|]/g, '\\$&').replace(/\s+/g, ' ');
}

import { type Comparison, summarise } from '@quiesce/benchmark';
import type { Machine } from '@quiesce/machine';
import { comparisonColumns } from './comparison-columns.ts';
import { countOf } from './quantity.ts';

/** The comparison as a Markdown table, with a column for the kernel. */
export function comparisonMarkdown(comparison: Comparison, machine: Machine): string {
  const [strategy, ...others] = comparisonColumns;
  const seeds = new Set(comparison.runs.map((run) => run.seed)).size;
  const about = [
    countOf(machine.functions.length, 'function'),
    countOf(machine.units.length, 'remapping unit'),
    `${countOf(seeds, 'crash', 'crashes')} each${seeds === 1 ? '' : ' (medians)'}`,
  ];
  return [
    `${escapeCell(machine.name)}: ${about.join(', ')}\n\n`,
    markdownRow([strategy?.title ?? '', 'kernel', ...others.map(({ title }) => title)]),
    markdownRow(['---', '---', '---', ...others.slice(1).map(() => '---:')]),
    ...summarise(comparison).map((row) =>
      markdownRow([row.strategy, row.kernel, ...others.map(({ cell }) => cell(row).text)]),
    ),
  ].join('');
}

/** A row of a Markdown table; cells may hold anything. */
export function markdownRow(cells: readonly string[]): string {
  return `| ${cells.map(escapeCell).join(' | ')} |\n`;
}

function escapeCell(text: string): string {
  return text.replace(/[\\|]/g, '\\$&').replace(/\s+/g, ' ');
}

import { type Comparison, type StrategySummary, summarise } from '@quiesce/benchmark';
import type { Machine } from '@quiesce/machine';
import { dumpVerdict } from './dump-verdict.ts';
import { shortBytes, shortCount, shortTime } from './quantity.ts';

const columns: readonly (readonly [title: string, cell: (row: StrategySummary) => string])[] = [
  ['strategy', (row) => row.strategy],
  ['kernel', (row) => row.kernel],
  ['dump', (row) => dumpVerdict(row).text],
  ['DMA faults', (row) => shortCount(row.dmaFaults.median)],
  ['IRQ faults', (row) => shortCount(row.interruptFaults.median)],
  ['system errors', (row) => shortCount(row.systemErrors.median)],
  ['raw DMA', (row) => shortCount(row.untranslated.median)],
  ['bytes hit', (row) => shortBytes(row.corruptedBytes.median)],
  ['drivers up', (row) => `${row.devicesWorking.least}/${row.devicesWorking.of}`],
  ['display', (row) => (row.hasDisplay ? (row.displayLost > 0 ? 'lost' : 'kept') : 'none')],
  ['strategy time', (row) => shortTime(row.strategyMs)],
  ['extra memory', (row) => shortBytes(row.extraBytes)],
  ['panic to dump', (row) => shortTime(row.panicToDumpMs)],
];

/** The comparison as a Markdown table. */
export function comparisonMarkdown(comparison: Comparison, machine: Machine): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(' | ')} |\n`;
  const seeds = new Set(comparison.runs.map((run) => run.seed)).size;
  return [
    `${machine.name}: ${machine.functions.length} functions, ${machine.units.length} remapping units, ${seeds} crashes each (medians)\n\n`,
    line(columns.map(([title]) => title)),
    line(columns.map(() => '---')),
    ...summarise(comparison).map((row) => line(columns.map(([, cell]) => cell(row)))),
  ].join('');
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

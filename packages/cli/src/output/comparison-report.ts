import { type Comparison, type StrategySummary, summarise } from '@quiesce/benchmark';
import { kernelPair } from '@quiesce/boot-sequencer';
import type { Machine } from '@quiesce/machine';
import pc from 'picocolors';
import { type Column, comparisonColumns } from './comparison-columns.ts';
import { comparisonTable, fittingColumns } from './comparison-table.ts';
import { countOf } from './quantity.ts';
import { wrapText } from './wrap-text.ts';

/** Lines of prose are not longer, however wide the terminal. */
const PROSE = 100;

/** The comparison as a table for a terminal of `width` characters, with what one must know to read it. */
export function comparisonReport(
  comparison: Comparison,
  machine: Machine,
  width: number,
  machineArguments: string,
): string {
  const rows = summarise(comparison);
  const columns = fittingColumns(rows, width);
  const prose = Math.min(width, PROSE);
  const seeds = new Set(comparison.runs.map((run) => run.seed)).size;
  const units =
    machine.units.length === 0 ? 'no remapping unit' : countOf(machine.units.length, 'remapping unit');
  const parts = [`${pc.bold(machine.name)}: ${countOf(machine.functions.length, 'function')}, ${units}\n`];
  for (const kernel of new Set(rows.map((row) => row.kernel))) {
    const own = rows.filter((row) => row.kernel === kernel);
    parts.push(
      wrapText(storyOf(kernel, comparison.firstKernel, seeds), prose),
      `\n${comparisonTable(own, columns)}\n\n`,
      notes(own, prose),
    );
  }
  parts.push(dim(legend(columns, prose)), dim(wrapText(importLine(machine, machineArguments), prose)));
  const strategy = rows.find((row) => row.ended > 0)?.strategy ?? 'none';
  const next = `One crash as its kernels log it: --trace ${strategy}:${comparison.runs[0]?.seed ?? 1}. Your own machine: --lspci FILE --acpi FILE. All options: quiesce compare --help`;
  parts.push(dim(wrapText(next, prose)));
  return parts.join('');
}

function storyOf(second: string, first: string, seeds: number): string {
  const { first: crashed, second: booted } = kernelPair(second);
  const dies = first === 'same' ? crashed.name : first;
  const times = seeds === 1 ? 'once' : `${seeds} times`;
  const medians = seeds === 1 ? '' : ' Medians.';
  return `With each strategy, ${dies} crashes ${times} while the devices work, and ${booted.name} boots over them to save the dump.${medians}`;
}

function legend(columns: readonly Column[], width: number): string {
  const meanings = columns.flatMap(({ title, meaning }) => (meaning ? [`${title}: ${meaning}`] : []));
  const hidden = comparisonColumns.filter(
    (column) => column.title !== 'display' && !columns.includes(column),
  );
  const more = hidden.map(({ title }) => title).join(', ');
  return wrapText(`${meanings.join('; ')}.${more === '' ? '' : ` A wider terminal shows ${more}.`}`, width);
}

function importLine(machine: Machine, machineArguments: string): string {
  if (machine.inferred.length + machine.notes.length === 0) return '';
  const inferred = `${countOf(machine.inferred.length, 'value')} of this machine inferred`;
  const notes = `${countOf(machine.notes.length, 'note')} from the import`;
  return `${inferred}, ${notes}: quiesce machines ${machineArguments} lists them.`;
}

/** Why kernels stopped and plugins failed. */
function notes(rows: readonly StrategySummary[], width: number): string {
  const lines: string[] = [];
  for (const { strategy, runs, failure, stopped } of rows) {
    const of = (count: number): string => (count === runs ? '' : ` (${count} of ${runs})`);
    if (failure !== null) lines.push(`${strategy} failed${of(failure.runs)}: ${failure.text}`);
    else if (stopped !== null) lines.push(`${strategy} stopped${of(stopped.runs)} in ${stopped.text}`);
  }
  return lines.length === 0 ? '' : `${lines.map((line) => wrapText(line, width)).join('')}\n`;
}

/** Line by line, so that each line stands for itself when it is cut out of a log. */
function dim(text: string): string {
  return text.replace(/^.+$/gm, (line) => pc.dim(line));
}

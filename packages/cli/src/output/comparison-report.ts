import { type Comparison, type Spread, type StrategySummary, summarise } from '@quiesce/benchmark';
import type { Machine } from '@quiesce/machine';
import Table from 'cli-table3';
import pc from 'picocolors';
import { dumpVerdict } from './dump-verdict.ts';
import { shortBytes, shortCount, shortTime } from './quantity.ts';
import { wrapText } from './wrap-text.ts';

const WIDE = 110;

/** The comparison as a table for a terminal of `columns` characters, with notes below it. */
export function comparisonReport(comparison: Comparison, machine: Machine, columns: number): string {
  const rows = summarise(comparison);
  const kernels = [...new Set(rows.map((row) => row.kernel))];
  const seeds = new Set(comparison.runs.map((run) => run.seed)).size;
  const parts: string[] = [];
  for (const kernel of kernels) {
    parts.push(
      `${pc.bold(machine.name)}  ${machine.functions.length} functions, ${machine.units.length} remapping units, ` +
        `${kernel}, ${seeds} ${seeds === 1 ? 'crash' : 'crashes'} each\n`,
      `${table(
        rows.filter((row) => row.kernel === kernel),
        columns,
      )}\n`,
      notes(
        rows.filter((row) => row.kernel === kernel),
        Math.min(columns, 100),
      ),
    );
  }
  if (machine.inferred.length > 0 || machine.notes.length > 0) {
    parts.push(
      pc.dim(
        `${machine.inferred.length} values were inferred, ${machine.notes.length} notes from the import; --format json of the machine lists them (quiesce machines --show).\n`,
      ),
    );
  }
  return parts.join('');
}

function table(rows: readonly StrategySummary[], columns: number): string {
  const wide = columns >= WIDE;
  const display = wide && rows.some((row) => row.hasDisplay);
  const head = [
    'strategy',
    'dump',
    'DMA\nfaults',
    'IRQ\nfaults',
    'system\nerrors',
    'bytes\nhit',
    'drivers\nup',
    ...(wide ? ['raw\nDMA'] : []),
    ...(display ? ['display'] : []),
    ...(wide ? ['strategy\ntime', 'extra\nmemory'] : []),
    'to dump',
  ];
  const result = new Table({
    head: head.map((text) =>
      text
        .split('\n')
        .map((line) => pc.dim(line))
        .join('\n'),
    ),
    chars: borders,
    style: { 'padding-left': 0, 'padding-right': 1, head: [], border: [], compact: true },
    colAligns: head.map((_, index) => (index < 2 ? 'left' : 'right')),
  });
  for (const row of rows) {
    result.push([
      row.strategy,
      verdict(row),
      bad(row.dmaFaults),
      bad(row.interruptFaults),
      bad(row.systemErrors),
      row.corruptedBytes.most === 0 ? '0' : pc.red(shortBytes(row.corruptedBytes.median)),
      drivers(row),
      ...(wide ? [bad(row.untranslated)] : []),
      ...(display ? [row.displayLost > 0 ? pc.red('lost') : 'kept'] : []),
      ...(wide ? [shortTime(row.strategyMs), shortBytes(row.extraBytes)] : []),
      shortTime(row.panicToDumpMs),
    ]);
  }
  return result.toString();
}

const borders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' ',
};

function verdict(row: StrategySummary): string {
  const { text, tone } = dumpVerdict(row);
  if (tone === 'good') return pc.green(text);
  return tone === 'bad' ? pc.red(text) : pc.yellow(text);
}

function bad(spread: Spread): string {
  if (spread.most === 0) return '0';
  return spread.median === 0 ? pc.yellow(`≤${shortCount(spread.most)}`) : pc.red(shortCount(spread.median));
}

function drivers(row: StrategySummary): string {
  const text = `${row.devicesWorking.least}/${row.devicesWorking.of}`;
  return row.devicesWorking.least === row.devicesWorking.of ? pc.green(text) : pc.red(text);
}

/** Why kernels stopped and plugins failed, a line each. */
function notes(rows: readonly StrategySummary[], width: number): string {
  const lines: string[] = [];
  for (const row of rows) {
    if (row.failure !== null) lines.push(`${row.strategy} failed: ${row.failure}`);
    else if (row.stopped !== null) lines.push(`${row.strategy} stopped in ${row.stopped}`);
  }
  return lines.length === 0 ? '' : `\n${lines.map((line) => pc.dim(wrapText(line, width))).join('')}`;
}

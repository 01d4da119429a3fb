import { stringify } from 'csv-stringify/sync';
import type { FleetAssessment } from './assess-fleet.ts';

const columns = [
  'rank',
  'capture',
  'severity',
  'platform',
  'kernel',
  'profile',
  'functions',
  'masters',
  'masters not simulated',
  'crashes',
  'dumps',
  'true dumps',
  'median faults',
  'median pages changed',
  'dump target',
  'kernel defects',
  'command line',
  'first advice',
  'its gain',
  'second advice',
  'third advice',
  'summary',
  'error',
] as const;

/**
 * A fleet as CSV (RFC 4180), a row for each capture, those that could not be assessed last. Cells that a spreadsheet would take
 * for a formula get an apostrophe in front: names and kernels are strings of strangers' machines.
 */
export function fleetCsv(fleet: FleetAssessment): string {
  const rows = fleet.machines.map((row, index): (string | number)[] => [
    index + 1,
    row.name,
    row.severity,
    row.platform,
    row.kernel,
    row.profile,
    row.functions,
    row.masters,
    row.notSimulated,
    row.crashes,
    row.dumps,
    row.trueDumps,
    row.medianFaults,
    row.medianChangedPages,
    row.dumpTarget,
    row.defects.join('; '),
    row.commandLine.join('; '),
    row.advice[0]?.title ?? '',
    row.advice[0]?.gain ?? '',
    row.advice[1]?.title ?? '',
    row.advice[2]?.title ?? '',
    row.summary,
    '',
  ]);
  const failed = fleet.errors.map(({ name, code, message }): (string | number)[] => {
    const cells: (string | number)[] = columns.map(() => '');
    cells[1] = name;
    cells[columns.length - 1] = `${code}: ${message}`;
    return cells;
  });
  return stringify(
    [[...columns], ...rows, ...failed].map((row) => row.map(oneLine)),
    {
      escape_formulas: true,
      record_delimiter: 'windows',
    },
  );
}

/** No control characters: a cell is a line. */
function oneLine(cell: string | number): string | number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  return typeof cell === 'string' ? cell.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ') : cell;
}

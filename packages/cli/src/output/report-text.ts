import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { htmlReport, markdownReport, type ReportDocument, terminalReport } from '@quiesce/report';
import pc from 'picocolors';
import type { CommandIo } from '../program.ts';
import { terminalColumns } from './terminal-columns.ts';

/** What a user says of a report's form. */
export interface ReportOptions {
  readonly format: string;
  /** File to write to; default: standard output. */
  readonly output?: string;
  /** On a terminal: sections that most readers skip, too. */
  readonly all?: boolean;
}

/** Columns of a report that goes into a file. */
const FILE_COLUMNS = 100;

/** A report in the form that was asked for; what is neither HTML nor Markdown is for a terminal. */
export function reportText(document: ReportDocument, options: ReportOptions, io: CommandIo): string {
  if (options.format === 'html') return htmlReport(document);
  if (options.format === 'markdown') return markdownReport(document);
  return terminalReport(document, {
    width: options.output === undefined ? terminalColumns(io) : FILE_COLUMNS,
    colour: options.output === undefined && io.stdout.isTTY === true && pc.isColorSupported,
    details: options.all === true,
  });
}

/** Writes a result to where the user wants it. */
export async function writeReport(
  text: string,
  { output }: Pick<ReportOptions, 'output'>,
  io: CommandIo,
): Promise<void> {
  if (output === undefined) io.stdout.write(text);
  else await writeFile(path.resolve(io.cwd, output), text);
}

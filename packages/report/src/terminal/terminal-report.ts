import type { ReportDocument } from '../document.ts';
import { severityWords } from '../severity.ts';
import { printable, printableLine } from '../text/printable.ts';
import { wrapWords } from '../text/wrap-words.ts';
import { inkOf } from './ink.ts';
import { terminalBlock, terminalFacts } from './terminal-blocks.ts';

/** How a report is written to a terminal. */
export interface TerminalReportOptions {
  /** Columns; at least 40 are used. Lines of logs and commands may be longer: they stay whole. Default 80. */
  readonly width?: number;
  /** Colours by escape sequences; otherwise the text has none. Default false. */
  readonly colour?: boolean;
  /** Sections that most readers skip, too. Default false: they are named at the end. */
  readonly details?: boolean;
}

/**
 * A report as text for a terminal. Strings of the document reach it without control characters and without characters
 * that reverse or hide text: these are shown as escapes.
 */
export function terminalReport(document: ReportDocument, options: TerminalReportOptions = {}): string {
  const { colour = false, details = false } = options;
  const width = Math.max(40, Math.floor(options.width ?? 80) || 80);
  const ink = inkOf(colour);
  const { title, severity, summary, facts, sections, footer } = document;
  const { sign, word } = severityWords[severity];
  const wrap = (text: string): string[] => wrapWords(text, Math.min(width, 100));
  const shown = sections.filter(({ detail }) => details || detail !== true);
  const hidden = sections.filter((section) => !shown.includes(section));
  const names = hidden.map((section) => printableLine(section.title)).join('; ');
  const parts: (readonly string[])[] = [
    wrap(printableLine(title)).map(ink.bold),
    wrap(`${sign} ${word}: ${printable(summary)}`).map((line) => ink.severity(severity, line)),
    ...(facts.length === 0 ? [] : [[''], terminalFacts(facts, width, ink)]),
    ...shown.flatMap((section) => [
      ['', ...wrap(printableLine(section.title)).map(ink.bold)],
      ...section.blocks.flatMap((block, index) => [
        index === 0 ? [] : [''],
        terminalBlock(block, width - 2, ink).map((line) => (line === '' ? '' : `  ${line}`)),
      ]),
    ]),
    ...(hidden.length === 0 ? [] : [['', ...wrap(`Not shown: ${names}.`).map(ink.dim)]]),
    ...(footer === '' ? [] : [['', ...wrap(printable(footer)).map(ink.dim)]]),
  ];
  return `${parts.flat().join('\n')}\n`;
}

import type { Fact, Finding, ReportBlock, TableCell, TableColumn } from '../document.ts';
import { severityWords } from '../severity.ts';
import { printable, printableCode, printableLine } from '../text/printable.ts';
import { padToWidth, textWidth } from '../text/text-width.ts';
import { wrapWords } from '../text/wrap-words.ts';
import { timelineTable } from '../timeline/timeline-table.ts';
import type { Ink } from './ink.ts';
import { terminalTable } from './terminal-table.ts';
import { terminalTree } from './terminal-tree.ts';

/** Lines of prose are no longer than this, however wide the terminal. */
const LONGEST_PROSE = 100;

/** Of more pieces of evidence, a terminal shows these: the first. */
const EVIDENCE_SHOWN = 4;

/** Lines of one block, each at most `width` columns; lines of a log and commands are never cut. */
export function terminalBlock(block: ReportBlock, width: number, ink: Ink): string[] {
  switch (block.kind) {
    case 'text':
      return prose(block.text, width);
    case 'list':
      return block.items.flatMap((item) =>
        prose(item, width - 2).map((line, at) => (at === 0 ? `- ${line}` : `  ${line}`)),
      );
    case 'facts':
      return terminalFacts(block.facts, width, ink);
    case 'findings':
      return block.findings.flatMap((finding, index) => [
        ...(index === 0 ? [] : ['']),
        ...findingLines(finding, width, ink),
      ]);
    case 'table':
      return tableLines(block.columns, block.rows, block.empty, width, ink);
    case 'lines':
      return block.lines.map(({ number, text }) => {
        const place = number === undefined ? '' : `${ink.dim(String(number).padStart(6))}  `;
        return place + printableCode(text);
      });
    case 'commands':
      return block.commands.map((command) => `  ${ink.bold(printableCode(command))}`);
    case 'topology':
      return terminalTree(block.roots, width, ink);
    case 'timeline': {
      const { columns, rows } = timelineTable(block.lanes);
      return tableLines(columns, rows, 'Nothing happened.', width, ink);
    }
  }
}

/** Names and values below each other. */
export function terminalFacts(facts: readonly Fact[], width: number, ink: Ink): string[] {
  const names = facts.map(({ name }) => printableLine(name));
  const widest = Math.min(24, Math.max(0, ...names.map(textWidth)));
  return facts.flatMap(({ value }, index) => {
    const name = names[index] ?? '';
    const lines = prose(value, width - widest - 2);
    const indent = ' '.repeat(widest + 2);
    if (textWidth(name) > widest)
      return [...prose(name, width).map(ink.dim), ...lines.map((line) => indent + line)];
    return lines.map((line, at) =>
      at === 0 ? `${ink.dim(padToWidth(name, widest))}  ${line}` : indent + line,
    );
  });
}

function findingLines(finding: Finding, width: number, ink: Ink): string[] {
  const { severity, title, text, facts = [], evidence, commands = [] } = finding;
  const { word } = severityWords[severity];
  const label = padToWidth(word, 8);
  const indent = ' '.repeat(10);
  const indented = (value: string): string[] => prose(value, width - 10).map((line) => indent + line);
  const [first = '', ...others] = prose(printableLine(title), width - 10);
  return [
    `${ink.severity(severity, label)}  ${ink.bold(first)}`,
    ...others.map((line) => indent + ink.bold(line)),
    ...(text === undefined ? [] : indented(text)),
    ...facts.flatMap(({ name, value }) => indented(`${printableLine(name)}: ${value}`)),
    ...evidence.slice(0, EVIDENCE_SHOWN).flatMap((one) => {
      const [first = '', ...more] = prose(
        `${one.source}${one.text === undefined ? '' : `: ${one.text}`}`,
        width - 12,
      );
      return [`${indent}- ${first}`, ...more.map((line) => `${indent}  ${line}`)].map(ink.dim);
    }),
    ...(evidence.length > EVIDENCE_SHOWN
      ? [ink.dim(`${indent}- and ${evidence.length - EVIDENCE_SHOWN} more`)]
      : []),
    ...commands.map((command) => `${indent}    ${ink.bold(printableCode(command))}`),
  ];
}

function tableLines(
  columns: readonly TableColumn[],
  rows: readonly (readonly TableCell[])[],
  empty: string | undefined,
  width: number,
  ink: Ink,
): string[] {
  if (rows.length === 0) return prose(empty ?? 'None.', width);
  const { lines, dropped } = terminalTable(columns, rows, width, ink);
  if (dropped.length === 0) return [...lines];
  return [...lines, ...prose(`Not shown for want of room: ${dropped.join(', ')}.`, width).map(ink.dim)];
}

function prose(text: string, width: number): string[] {
  return wrapWords(printable(text), Math.min(width, LONGEST_PROSE));
}

import type { Finding, ReportBlock, Severity, TableCell, TableColumn, TopologyNode } from '../document.ts';
import { severityWords } from '../severity.ts';
import { inkOf } from '../terminal/ink.ts';
import { terminalTree } from '../terminal/terminal-tree.ts';
import { timelineTable } from '../timeline/timeline-table.ts';
import { markdownCode, markdownCodeBlock, markdownInline, markdownText } from './escape-markdown.ts';

/** Columns of characters that a forge shows in a block of code without scrolling. */
const CODE_WIDTH = 110;

/** One block as Markdown, ending with a line feed. */
export function markdownBlock(block: ReportBlock): string {
  switch (block.kind) {
    case 'text':
      return `${markdownText(block.text)}\n`;
    case 'list':
      return block.items.map((item) => `- ${markdownInline(item)}\n`).join('');
    case 'facts':
      return markdownTable(
        [{ name: '' }, { name: '' }],
        block.facts.map(({ name, value }) => [name, value]),
      );
    case 'findings':
      return block.findings.map(markdownFinding).join('');
    case 'table':
      if (block.rows.length === 0) return `${markdownText(block.empty ?? 'None.')}\n`;
      return markdownTable(block.columns, block.rows);
    case 'lines':
      return markdownCodeBlock(
        block.lines.map(({ number, text }) =>
          number === undefined ? text : `${String(number).padStart(6)}  ${text}`,
        ),
        'text',
      );
    case 'commands':
      return markdownCodeBlock(block.commands, 'sh');
    case 'topology':
      return markdownTree(block.roots);
    case 'timeline': {
      const { columns, rows } = timelineTable(block.lanes);
      return markdownTable(columns, rows);
    }
  }
}

/** A table; cells hold anything. */
export function markdownTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly TableCell[])[],
): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return [
    row(columns.map(({ name }) => markdownInline(name))),
    row(columns.map(({ align }) => (align === 'right' ? '---:' : '---'))),
    ...rows.map((cells) => row(columns.map((_, index) => markdownCell(cells[index] ?? '')))),
  ].join('');
}

/** The sign of a severity before what it is said of. */
export function markdownMark(severity: Severity): string {
  const { word, sign } = severityWords[severity];
  return severity === 'critical' || severity === 'warning' ? `**${sign} ${word}**` : `${sign} ${word}`;
}

function markdownCell(cell: TableCell): string {
  if (typeof cell === 'string') return markdownInline(cell);
  return `${severityWords[cell.severity].sign} ${markdownInline(cell.text)}`.trim();
}

function markdownFinding({ severity, title, text, facts = [], evidence, commands = [] }: Finding): string {
  const body: string[] = [];
  if (text !== undefined) body.push(markdownText(text));
  if (facts.length > 0) {
    body.push(
      facts.map(({ name, value }) => `- **${markdownInline(name)}**: ${markdownInline(value)}`).join('\n'),
    );
  }
  if (evidence.length > 0) {
    body.push(
      evidence
        .map((one) => {
          const source = markdownCode(one.source);
          return `- ${source}${one.text === undefined ? '' : `: ${markdownInline(one.text)}`}`;
        })
        .join('\n'),
    );
  }
  if (commands.length > 0) body.push(markdownCodeBlock(commands, 'sh').trimEnd());
  const indented = body.map((part) => `\n${part.replace(/^(?=.)/gm, '  ')}\n`).join('');
  return `- ${markdownMark(severity)}: ${markdownInline(title)}\n${indented}${indented === '' ? '' : '\n'}`;
}

function markdownTree(roots: readonly TopologyNode[]): string {
  return markdownCodeBlock(terminalTree(roots, CODE_WIDTH, inkOf(false)), 'text');
}

import type { RecordResult } from '@quiesce/record';
import { escapeCell } from './comparison-markdown.ts';
import { totalsLine } from './record-table.ts';
import { flipWord, predictedShare, verdictWord } from './record-verdict.ts';

/** The record as a Markdown table. */
export function recordMarkdown(result: RecordResult): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(' | ')} |\n`;
  return [
    line(['date', 'reported by', 'what', 'laboratory', 'without its cause']),
    line(['---', '---', '---', '---', '---']),
    ...result.cases.map((one) =>
      line([
        one.date,
        one.by || one.group,
        one.title,
        `${verdictWord(one)}${predictedShare(one)}`,
        one.counterfactual === null ? '' : `${flipWord(one)}: ${one.counterfactual.cause}`,
      ]),
    ),
    `\n${totalsLine(result)}\n`,
  ].join('');
}

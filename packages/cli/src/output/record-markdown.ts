import type { RecordResult } from '@quiesce/record';
import { markdownRow } from './comparison-markdown.ts';
import { totalsLine } from './record-table.ts';
import { flipWord, predictedShare, verdictWord } from './record-verdict.ts';

/** The record as a Markdown table. */
export function recordMarkdown(result: RecordResult): string {
  return [
    markdownRow(['date', 'reported by', 'what', 'laboratory', 'without its cause']),
    markdownRow(['---', '---', '---', '---', '---']),
    ...result.cases.map((one) =>
      markdownRow([
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

import type { ReportDocument } from '../document.ts';
import { markdownLine, markdownText } from './escape-markdown.ts';
import { markdownBlock, markdownMark } from './markdown-blocks.ts';

/**
 * A report as GitHub flavoured Markdown, to paste into a ticket. Strings of the document show as they are: they make no
 * markup, no links, no mentions, no references. Sections that most readers skip are folded.
 */
export function markdownReport(document: ReportDocument): string {
  const { title, summary, severity, facts, sections, footer } = document;
  const parts = [`# ${markdownLine(title)}\n`, `${markdownMark(severity)}: ${markdownText(summary)}\n`];
  if (facts.length > 0) parts.push(markdownBlock({ kind: 'facts', facts }));
  for (const section of sections) {
    const heading = markdownLine(section.title);
    const blocks = section.blocks.map(markdownBlock);
    if (section.detail === true) {
      parts.push(`<details>\n<summary>\n\n## ${heading}\n\n</summary>\n`, ...blocks, '</details>\n');
    } else {
      parts.push(`## ${heading}\n`, ...blocks);
    }
  }
  if (footer !== '') parts.push(`---\n\n${markdownText(footer)}\n`);
  return parts.map((part) => `${part.trimEnd()}\n`).join('\n');
}

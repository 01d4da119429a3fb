import type { Fact, Finding, ReportBlock } from '../document.ts';
import { printable, printableCode } from '../text/printable.ts';
import { htmlTable, scrolling } from './html-table.ts';
import { type Content, element, type Markup, markup } from './markup.ts';
import { severityBadge } from './severity-badge.ts';
import { timelineDrawing } from './timeline-drawing.ts';
import { topologyDrawing } from './topology-drawing.ts';

/** More pieces of evidence than this are folded. */
const EVIDENCE_SHOWN = 4;

/** One block of a report. `place` is unique in the page: ids of elements begin with it. */
export function htmlBlock(block: ReportBlock, place: string): Markup {
  switch (block.kind) {
    case 'text':
      return markup(paragraphs(block.text));
    case 'list':
      return element(
        'ul',
        {},
        block.items.map((item) => element('li', {}, item)),
      );
    case 'facts':
      return factList(block.facts);
    case 'findings':
      return element('div', { class: 'findings' }, block.findings.map(findingCard));
    case 'table':
      if (block.rows.length === 0) return element('p', { class: 'empty' }, block.empty ?? 'None.');
      return scrolling(htmlTable(block.columns, block.rows), 'Table');
    case 'lines':
      return element(
        'pre',
        { class: 'log', tabindex: 0 },
        block.lines.map(({ number, text }) => [
          number === undefined ? undefined : element('span', { class: 'number' }, `${number}`.padStart(6)),
          number === undefined ? '' : '  ',
          printableCode(text),
          '\n',
        ]),
      );
    case 'commands':
      return commandList(block.commands);
    case 'topology':
      return topologyDrawing(block.roots, place);
    case 'timeline':
      return timelineDrawing(block.lanes, place);
  }
}

/** Names and values. */
export function factList(facts: readonly Fact[]): Markup {
  return element(
    'dl',
    { class: 'facts' },
    facts.map(({ name, value }) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  );
}

/** Blank lines separate paragraphs. */
export function paragraphs(text: string): Content {
  return printable(text)
    .split(/\n{2,}/)
    .filter((one) => one.trim() !== '')
    .map((one) => element('p', {}, one.trim()));
}

function findingCard({ severity, title, text, facts = [], evidence, commands = [] }: Finding): Markup {
  const list = element(
    'ul',
    { class: 'evidence' },
    evidence.map((one) =>
      element(
        'li',
        {},
        element('span', { class: 'source' }, one.source),
        one.text === undefined ? undefined : [': ', one.text],
      ),
    ),
  );
  const folded = element('details', {}, element('summary', {}, `Evidence (${evidence.length})`), list);
  return element(
    'article',
    { class: `finding ${severity}` },
    element('h3', {}, severityBadge(severity), ' ', title),
    text === undefined ? undefined : paragraphs(text),
    facts.length === 0 ? undefined : factList(facts),
    commands.length === 0 ? undefined : commandList(commands),
    evidence.length === 0 ? undefined : evidence.length > EVIDENCE_SHOWN ? folded : list,
  );
}

function commandList(commands: readonly string[]): Markup {
  return element(
    'pre',
    { class: 'commands', tabindex: 0 },
    commands.map((one) => [printableCode(one), '\n']),
  );
}

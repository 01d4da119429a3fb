import type { ReportDocument, ReportSection } from '../document.ts';
import { printableLine } from '../text/printable.ts';
import { factList, htmlBlock, paragraphs } from './html-blocks.ts';
import { element, Markup, markup } from './markup.ts';
import { severityBadge } from './severity-badge.ts';
import { STYLESHEET, STYLESHEET_HASH } from './stylesheet.ts';

/** Nothing is loaded, nothing runs, and no style but ours applies: what was captured cannot do anything. */
const POLICY = `default-src 'none'; style-src '${STYLESHEET_HASH}'; img-src data:; base-uri 'none'; form-action 'none'`;

/** With fewer sections a table of contents says nothing. */
const CONTENTS_FROM = 4;

/**
 * A report as one HTML page that stands alone: no network, no script, a Content-Security-Policy that forbids both.
 * Strings of the document are escaped, wherever they stand. The same document gives the same bytes.
 */
export function htmlReport(document: ReportDocument): string {
  const { title, summary, severity, facts, sections, footer } = document;
  const head = element(
    'head',
    {},
    element('meta', { charset: 'utf-8' }),
    element('meta', { 'http-equiv': 'Content-Security-Policy', content: POLICY }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('meta', { name: 'color-scheme', content: 'light dark' }),
    element('meta', { name: 'referrer', content: 'no-referrer' }),
    element('title', {}, printableLine(title)),
    element('style', {}, new Markup(STYLESHEET)),
  );
  const body = element(
    'body',
    {},
    element(
      'header',
      { class: severity },
      element('h1', {}, title),
      element('div', { class: 'answer' }, severityBadge(severity), element('div', {}, paragraphs(summary))),
      facts.length === 0 ? undefined : factList(facts),
    ),
    sections.length < CONTENTS_FROM ? undefined : contents(sections),
    element('main', {}, sections.map(htmlSection)),
    footer === '' ? undefined : element('footer', {}, paragraphs(footer)),
  );
  return `<!doctype html>\n${markup(element('html', { lang: 'en' }, '\n', head, '\n', body, '\n')).html}\n`;
}

function contents(sections: readonly ReportSection[]): Markup {
  return element(
    'nav',
    { 'aria-label': 'Contents' },
    element(
      'ul',
      {},
      sections.map(({ title }, index) =>
        element('li', {}, element('a', { href: `#${sectionId(index)}` }, title)),
      ),
    ),
  );
}

function htmlSection(section: ReportSection, index: number): Markup {
  const id = sectionId(index);
  const heading = element('h2', { id: `${id}-heading` }, section.title);
  const blocks = section.blocks.map((block, at) => htmlBlock(block, `${id}-${at}`));
  return element(
    'section',
    { id, 'aria-labelledby': `${id}-heading` },
    '\n',
    section.detail === true
      ? element('details', {}, element('summary', {}, heading), blocks)
      : [heading, blocks],
  );
}

function sectionId(index: number): string {
  return `section-${index + 1}`;
}

import { printable, printableCode, printableLine } from '../text/printable.ts';

/**
 * Words that a forge brings to life behind Markdown's back, where a backslash does not help: mentions and mail addresses,
 * references to issues and commits, bare links, emoji names (`0000:ab:00.0` is a requester ID with one). Code spans are
 * left alone by all of them.
 */
const ALIVE = /@|#\d|:\/\/|www\.|GH-\d|:[a-z0-9_+-]+:|^\W*[0-9a-f]{7,64}\W*$/i;

/** Prose for GitHub flavoured Markdown: shows the text, whatever it holds; line feeds stay. */
export function markdownText(text: string): string {
  return (
    printable(text)
      .split('\n')
      .map((line) => escapeLine(line.trim()))
      .join('\n')
      // Two spaces keep the end of a line that does not end a paragraph.
      .replace(/(?<=[^\n])\n(?=[^\n])/g, '  \n')
  );
}

/** Text of one line: a heading, an item. */
export function markdownLine(text: string): string {
  return escapeLine(printableLine(text));
}

/** Text in the midst of a line, a cell of a table, say: nothing opens a block there. */
export function markdownInline(text: string): string {
  return escapeLine(printableLine(text), false);
}

/** Text as code in a line. */
export function markdownCode(text: string): string {
  const plain = printableCode(text);
  if (plain.trim() === '') return '';
  // Inside of a table a pipe would end the cell; a code span has no escape for the backslash before it.
  if (plain.includes('|'))
    return `<code>${plain.replace(/[!-/:-@[-`{-~]/g, (one) => `&#${one.codePointAt(0)};`)}</code>`;
  const fence = '`'.repeat(longestRun(plain) + 1);
  const padding = /^`|`$|^ .* $/.test(plain) ? ' ' : '';
  return `${fence}${padding}${plain}${padding}${fence}`;
}

/** Lines as a block of code. */
export function markdownCodeBlock(lines: readonly string[], language: string): string {
  const plain = lines.map(printableCode);
  const fence = '`'.repeat(
    Math.max(3, plain.reduce((longest, line) => Math.max(longest, longestRun(line)), 0) + 1),
  );
  return `${[fence + language, ...plain, fence].join('\n')}\n`;
}

function escapeLine(line: string, opening = true): string {
  const words = line.split(/\s+/).filter((word) => word !== '');
  return words.map((word, index) => escapeWord(word, opening && index === 0)).join(' ');
}

function escapeWord(word: string, first: boolean): string {
  if (ALIVE.test(word)) {
    // Punctuation around it is not code.
    const [, before = '', core = word, after = ''] = /^([("']?)(.*?)([,.;:!?)"']{0,3})$/.exec(word) ?? [];
    if (core !== '') return before + markdownCode(core) + after.replace(/!/g, '\\!');
  }
  const escaped = word
    .replace(/[\\`*[\]|~$!]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    // Within a word an underscore is only that.
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_');
  // What opens a heading, a list, a rule or a table at the start of a line.
  return first ? escaped.replace(/^[#+=:-]/, '\\$&').replace(/^(\d{1,9})([.)])$/, '$1\\$2') : escaped;
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
}

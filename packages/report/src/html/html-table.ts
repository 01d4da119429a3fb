import type { TableCell, TableColumn } from '../document.ts';
import { severityWords } from '../severity.ts';
import { type Content, element, type Markup } from './markup.ts';

/** A table; cells say how bad they are by a sign, too. */
export function htmlTable(columns: readonly TableColumn[], rows: readonly (readonly TableCell[])[]): Markup {
  const side = (index: number): string | undefined =>
    columns[index]?.align === 'right' ? 'right' : undefined;
  const head = columns.map(({ name }, index) => element('th', { scope: 'col', class: side(index) }, name));
  const body = rows.map((row) =>
    element(
      'tr',
      {},
      columns.map((_, index) => tableCell(row[index] ?? '', side(index))),
    ),
  );
  return element('table', {}, element('thead', {}, element('tr', {}, head)), element('tbody', {}, body));
}

/** What is wider than a narrow window scrolls by itself, with the keyboard too. */
export function scrolling(content: Content, label: string): Markup {
  return element('div', { class: 'scroll', role: 'group', 'aria-label': label, tabindex: 0 }, content);
}

function tableCell(cell: TableCell, side: string | undefined): Markup {
  if (typeof cell === 'string') return element('td', { class: side }, cell);
  const { sign, word } = severityWords[cell.severity];
  return element(
    'td',
    { class: [side, cell.severity].filter((one) => one !== undefined).join(' ') },
    element('span', { class: 'sign', role: 'img', 'aria-label': word.toLowerCase() }, sign),
    ' ',
    cell.text,
  );
}

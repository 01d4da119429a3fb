import type { TableCell, TableColumn } from '../document.ts';
import { printableLine } from '../text/printable.ts';
import { padToWidth, textWidth } from '../text/text-width.ts';
import { wrapWords } from '../text/wrap-words.ts';
import type { Ink } from './ink.ts';

/** Between two columns. */
const GAP = 2;

/** No column is squeezed below this many characters. */
const NARROWEST = 10;

/** Lines of a table of at most `width` columns of characters, and the names of columns that gave way. */
export function terminalTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly TableCell[])[],
  width: number,
  ink: Ink,
): { readonly lines: readonly string[]; readonly dropped: readonly string[] } {
  const texts = rows.map((row) => columns.map((_, index) => printableLine(textOf(row[index]))));
  const natural = columns.map(({ name }, index) =>
    texts.reduce(
      (widest, row) => Math.max(widest, textWidth(row[index] ?? '')),
      textWidth(printableLine(name)),
    ),
  );
  const kept = keptColumns(columns, natural, width);
  const widths = squeezed(
    kept.map((index) => natural[index] ?? 0),
    width,
  );
  const lines: string[] = [];
  const add = (cells: readonly string[], paint: (text: string, index: number) => string): void => {
    const wrapped = kept.map((index, at) => wrapWords(cells[index] ?? '', widths[at] ?? 0));
    const height = Math.max(...wrapped.map((cell) => cell.length));
    for (let line = 0; line < height; line++) {
      lines.push(
        kept
          .map((index, at) => {
            const text = wrapped[at]?.[line] ?? '';
            const size = widths[at] ?? 0;
            const padded = padToWidth(text, size, columns[index]?.align);
            return text === '' ? padded : padded.replace(text, () => paint(text, index));
          })
          .join(' '.repeat(GAP))
          .trimEnd(),
      );
    }
  };
  add(
    columns.map(({ name }) => printableLine(name)),
    (text) => ink.bold(text),
  );
  for (const [at, row] of rows.entries()) {
    add(texts[at] ?? [], (text, index) => {
      const cell = row[index];
      return typeof cell === 'object' ? ink.severity(cell.severity, text) : text;
    });
  }
  const dropped = columns.flatMap(({ name }, index) => (kept.includes(index) ? [] : [printableLine(name)]));
  return { lines, dropped };
}

/** The text of a cell; a row may be shorter than the header. */
export function textOf(cell: TableCell | undefined): string {
  return typeof cell === 'object' ? cell.text : (cell ?? '');
}

/** Indices of the columns that find room: those of the lowest rank go first, of equal rank the last. */
function keptColumns(columns: readonly TableColumn[], natural: readonly number[], width: number): number[] {
  let kept = columns.map((_, index) => index);
  const narrow = (index: number): number => Math.min(natural[index] ?? 0, NARROWEST * 2);
  while (kept.reduce((sum, index) => sum + narrow(index) + GAP, -GAP) > width) {
    const ranked = kept.filter((index) => columns[index]?.rank !== undefined);
    const lowest = Math.min(...ranked.map((index) => columns[index]?.rank as number));
    const victim = ranked.findLast((index) => columns[index]?.rank === lowest);
    if (victim === undefined) break;
    kept = kept.filter((index) => index !== victim);
  }
  return kept;
}

/** Widths that fit: the widest column gives first. */
function squeezed(natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, one) => sum + one + GAP, -GAP) - width;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    const at = widths.indexOf(widest);
    const next = Math.max(NARROWEST, ...widths.filter((one) => one < widest));
    const cut = Math.min(excess, Math.max(1, widest - next));
    widths[at] = widest - cut;
    excess -= cut;
  }
  return widths;
}

import type { TableCell, TableColumn } from '../document.ts';
import { severityWords } from '../severity.ts';
import { printableLine } from '../text/printable.ts';
import { padToWidth, textWidth } from '../text/text-width.ts';
import { wrapWords } from '../text/wrap-words.ts';
import type { Ink } from './ink.ts';

/** Between two columns. */
const GAP = 2;

/** No column is squeezed below this many characters. */
const NARROWEST = 6;

/** A column with less than this, for text of several words, is hard to read. */
const READABLE = 20;

/** Longer words are cut where there is no room. */
const LONGEST_WORD = 28;

/** Lines of a table of at most `width` columns of characters, and the names of columns that gave way. */
export function terminalTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly TableCell[])[],
  width: number,
  ink: Ink,
): { readonly lines: readonly string[]; readonly dropped: readonly string[] } {
  const heading = columns.map(({ name }): SignedText => ({ sign: '', text: printableLine(name) }));
  const table = [heading, ...rows.map((row) => columns.map((_, index) => signedText(row[index])))];
  const most = (index: number, size: (text: string) => number): number =>
    table.reduce((widest, row) => {
      const { sign, text } = row[index] ?? nothing;
      return Math.max(widest, textWidth(sign) + size(text));
    }, 0);
  const natural = columns.map((_, index) => most(index, textWidth));
  const least = columns.map((_, index) => most(index, longestWord));
  const kept = keptColumns(columns, natural, least, width);
  const widths = squeezed(
    kept.map((index) => natural[index] ?? 0),
    kept.map((index) => least[index] ?? 0),
    width,
  );
  const lines: string[] = [];
  const add = (cells: readonly SignedText[], paint: (text: string, index: number) => string): void => {
    const wrapped = kept.map((index, at) => wrapSigned(cells[index] ?? nothing, widths[at] ?? 0));
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
  add(heading, (text) => ink.bold(text));
  for (const [at, row] of rows.entries()) {
    add(table[at + 1] ?? [], (text, index) => {
      const cell = row[index];
      return typeof cell === 'object' ? ink.severity(cell.severity, text) : text;
    });
  }
  const dropped = columns.flatMap(({ name }, index) => (kept.includes(index) ? [] : [printableLine(name)]));
  return { lines, dropped };
}

/** Text, and before it a sign with a blank where the text says how bad something is. */
interface SignedText {
  readonly sign: string;
  readonly text: string;
}

const nothing: SignedText = { sign: '', text: '' };

/** A sign needs no colour; a row may be shorter than the header. */
function signedText(cell: TableCell | undefined): SignedText {
  if (typeof cell !== 'object') return { sign: '', text: printableLine(cell ?? '') };
  return { sign: `${severityWords[cell.severity].sign} `, text: printableLine(cell.text) };
}

/** Lines of at most `width` columns; the sign stands before the first, and the others below its text. */
function wrapSigned({ sign, text }: SignedText, width: number): string[] {
  const size = textWidth(sign);
  return wrapWords(text, width - size).map((line, at) =>
    (at === 0 ? sign + line : ' '.repeat(size) + line).trimEnd(),
  );
}

/** Columns that the longest word takes, within reason: narrower columns cut words. */
function longestWord(text: string): number {
  return text
    .split(' ')
    .reduce((longest, word) => Math.max(longest, Math.min(LONGEST_WORD, textWidth(word))), 0);
}

/** Indices of the columns that find room: those of the lowest rank go first, of equal rank the last. */
function keptColumns(
  columns: readonly TableColumn[],
  natural: readonly number[],
  least: readonly number[],
  width: number,
): number[] {
  let kept = columns.map((_, index) => index);
  const needed = (index: number): number =>
    Math.max(least[index] ?? 0, Math.min(natural[index] ?? 0, READABLE));
  while (kept.reduce((sum, index) => sum + needed(index) + GAP, -GAP) > width) {
    const ranked = kept.filter((index) => columns[index]?.rank !== undefined);
    const lowest = Math.min(...ranked.map((index) => columns[index]?.rank as number));
    const victim = ranked.findLast((index) => columns[index]?.rank === lowest);
    if (victim === undefined) break;
    kept = kept.filter((index) => index !== victim);
  }
  return kept;
}

/** Widths that fit: the widest column gives first, down to its longest word if that is enough. */
function squeezed(natural: readonly number[], least: readonly number[], width: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, one) => sum + one + GAP, -GAP) - width;
  for (const floors of [least, natural.map((one) => Math.min(one, NARROWEST))]) {
    while (excess > 0) {
      const room = widths.map((one, at) => (one > (floors[at] ?? 0) ? one : 0));
      const widest = Math.max(...room);
      if (widest === 0) break;
      widths[room.indexOf(widest)] = widest - 1;
      excess--;
    }
  }
  return widths;
}

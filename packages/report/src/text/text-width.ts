/** Marks that stand on the letter before them. */
const COMBINING = /^\p{M}$/u;

/** East Asian scripts and pictures that a terminal draws two columns wide. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u;

/** Columns that printable text takes on a terminal. */
export function textWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** A text cut into pieces of at most `width` columns, each as long as may be; the last may be empty only if all is. */
export function piecesOfWidth(text: string, width: number): string[] {
  const pieces: string[] = [];
  let start = 0;
  let end = 0;
  let used = 0;
  for (const character of text) {
    const size = characterWidth(character);
    if (used + size > width && end > start) {
      pieces.push(text.slice(start, end));
      start = end;
      used = 0;
    }
    used += size;
    end += character.length;
  }
  pieces.push(text.slice(start));
  return pieces;
}

/** Cut to `width` columns, with an ellipsis where something is missing. */
export function cutToWidth(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width <= 1) return '…';
  return `${piecesOfWidth(text, width - 1)[0]}…`;
}

/** Filled with spaces up to `width` columns. */
export function padToWidth(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'left' ? text + fill : fill + text;
}

function characterWidth(character: string): number {
  if (character < '\u0300') return 1;
  if (COMBINING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

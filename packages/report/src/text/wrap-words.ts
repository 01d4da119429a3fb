import { piecesOfWidth, textWidth } from './text-width.ts';

/** Lines of at most `width` columns; longer words are cut. Line feeds stay. */
export function wrapWords(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => wrapParagraph(paragraph, Math.max(8, width)));
}

function wrapParagraph(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const whole of text.split(' ')) {
    if (whole === '') continue;
    const pieces = piecesOfWidth(whole, width);
    const word = pieces.pop() ?? '';
    const size = textWidth(word);
    if (line !== '' && (pieces.length > 0 || used + 1 + size > width)) {
      lines.push(line);
      line = '';
      used = 0;
    }
    for (const piece of pieces) lines.push(piece);
    const gap = line === '' ? '' : ' ';
    line += gap + word;
    used += gap.length + size;
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}

import { splitAtWidth, textWidth } from './text-width.ts';

/** Lines of at most `width` columns; longer words are cut. Line feeds stay. */
export function wrapWords(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => wrapParagraph(paragraph, Math.max(8, width)));
}

function wrapParagraph(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (let word of text.split(' ')) {
    if (word === '') continue;
    let size = textWidth(word);
    if (used > 0 && used + 1 + size > width) {
      lines.push(line);
      line = '';
      used = 0;
    }
    while (size > width) {
      const [head, rest] = splitAtWidth(word, width);
      lines.push(head);
      word = rest;
      size = textWidth(word);
    }
    line = used === 0 ? word : `${line} ${word}`;
    used += (used === 0 ? 0 : 1) + size;
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}

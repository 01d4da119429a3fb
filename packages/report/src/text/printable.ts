/**
 * What must not reach a terminal or a page as it is: control characters, invisible format characters (bidirectional
 * overrides among them, which reverse what is read), line separators, lone surrogates, noncharacters.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}]/gu;

/** Text of several lines: line feeds stay, tabs become a space, and what cannot be printed is shown as an escape. */
export function printable(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(UNPRINTABLE, (one) => {
    if (one === '\n') return one;
    return one === '\t' ? ' ' : visibleEscape(one);
  });
}

/** Text of one line: white space of any kind becomes one space. */
export function printableLine(text: string): string {
  return printable(text).replace(/\s+/g, ' ').trim();
}

/** A line of a log or a command: white space stays, but never becomes a second line. */
export function printableCode(text: string): string {
  return text.replace(UNPRINTABLE, (one) => (one === '\t' ? '    ' : visibleEscape(one)));
}

function visibleEscape(character: string): string {
  const code = character.codePointAt(0) as number;
  const digits = code.toString(16);
  if (code < 0x100) return `\\x${digits.padStart(2, '0')}`;
  return code < 0x1_0000 ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`;
}

import { splitUpTo } from './split-up-to.ts';

/** A cursor is moved to the first column or to a place: what a terminal shows there is another line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
const MOVES = /\x1b\[(?:\d{1,4}(?:;\d{1,4})?[Hf]|[Hf]|\d{0,4}[EFG])/g;
/** Colours, modes, titles, character sets (ECMA-48): CSI, OSC and strings that end, and sequences of two or three bytes. */
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
  /\x1b(?:\[[0-?]{0,24}[ -/]{0,4}[@-~]|\][^\x07\x1b]{0,512}(?:\x07|\x1b\\)|[PX^_k][^\x07\x1b]{0,512}\x1b\\|[ -/]{1,2}[0-~]|[0-~])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\x00-\x07\x0b\x0c\x0e-\x1f\x7f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ANY = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/;
/** Lines that were written over each other in one line of a file; of more, the last takes all that follows. */
const MAX_LINES = 1000;

/**
 * What a terminal would have shown, line by line, of a line that a console, `script`, a terminal emulator or a serial
 * line over a network recorded: escape sequences, NULs and bells are taken off, a carriage return or a moved cursor
 * begins another line, and a backspace takes back what was typed.
 */
export function terminalLines(text: string): readonly string[] {
  let shown = text;
  if (ANY.test(text)) {
    if (text.includes('\x1b')) shown = shown.replace(MOVES, '\r').replace(ESCAPES, '');
    shown = shown.replace(CONTROLS, '');
    if (shown.includes('\b')) shown = withoutTakenBack(shown);
  }
  const ended = shown.trimEnd();
  if (!ended.includes('\r')) return [ended];
  return splitUpTo(ended, '\r', MAX_LINES).filter((line) => line !== '');
}

function withoutTakenBack(text: string): string {
  const kept: string[] = [];
  for (const character of text) {
    if (character === '\b') kept.pop();
    else kept.push(character);
  }
  return kept.join('');
}

import type { Severity } from '../document.ts';

/** What text on a terminal can be besides plain. */
export interface Ink {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly severity: (severity: Severity, text: string) => string;
}

const plain: Ink = { bold: (text) => text, dim: (text) => text, severity: (_, text) => text };

/** Select Graphic Rendition: ECMA-48, 8.3.117. */
const painted =
  (start: number, end: number) =>
  (text: string): string =>
    text === '' ? '' : `\u001b[${start}m${text}\u001b[${end}m`;

const red = painted(31, 39);
const yellow = painted(33, 39);
const cyan = painted(36, 39);
const green = painted(32, 39);

const coloured: Ink = {
  bold: painted(1, 22),
  dim: painted(2, 22),
  severity: (severity, text) => ({ critical: red, warning: yellow, note: cyan, good: green })[severity](text),
};

/** Colours, or exactly the plain text. */
export function inkOf(colour: boolean): Ink {
  return colour ? coloured : plain;
}

import { hexDigit } from '../build/config-bytes.ts';

/** The bytes at the start of a text, and where they end. */
export interface RowBytes {
  readonly bytes: readonly number[];
  /** Index behind the last byte and the blanks after it. */
  readonly end: number;
}

const BLANK = 32;

/** Reads up to `limit` pairs of hexadecimal digits, separated by single blanks, from `start` on. */
export function readPairs(line: string, start: number, limit: number): RowBytes {
  const bytes: number[] = [];
  let at = start;
  while (bytes.length < limit) {
    const high = hexDigit(line.charCodeAt(at));
    const low = high < 0 ? -1 : hexDigit(line.charCodeAt(at + 1));
    if (low < 0) break;
    const after = line.charCodeAt(at + 2);
    if (after === BLANK) at += 3;
    else if (Number.isNaN(after)) at += 2;
    else break;
    bytes.push(high * 16 + low);
  }
  while (line.charCodeAt(at) === BLANK) at++;
  return { bytes, end: at };
}

/** Offset and length of the label of a row such as `1f0: 00 …`; undefined if the line begins otherwise. */
export function readRowLabel(line: string): { readonly offset: number; readonly end: number } | undefined {
  let value = 0;
  let at = 0;
  for (; at < 4; at++) {
    const digit = hexDigit(line.charCodeAt(at));
    if (digit < 0) break;
    value = value * 16 + digit;
  }
  if (at < 2 || at > 3 || value % 16 !== 0) return undefined;
  if (line.charCodeAt(at) !== 58 || line.charCodeAt(at + 1) !== BLANK) return undefined;
  return { offset: value, end: at + 2 };
}

/** What a line holds beside the text that a mail or a terminal put before it: quote marks and indentation. */
export function stripCarrier(line: string): string {
  const first = line.charCodeAt(0);
  // The usual case: nothing to strip. A tab is lspci's own indentation.
  if (first > BLANK && first !== 62 && first !== 124 && first !== 34) return line.trimEnd();
  let start = 0;
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === 62 || code === 124 || code === 34 || code === BLANK) start = at + 1;
    else break;
  }
  const end = line.trimEnd();
  return end.slice(start, end.endsWith('"') ? -1 : undefined).trimEnd();
}

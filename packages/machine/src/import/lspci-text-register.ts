import type { DecodedSpace } from './lspci-decoded-space.ts';

/** A number or a word in a line of lspci, and the bits that it stands for. */
export interface TextValue {
  /** What stands directly before it. */
  readonly after: string;
  /** Lowest bit of the field, and how many it has. */
  readonly shift: number;
  readonly bits: number;
  /** Base of the number, or the words for 0, 1, 2, …; longer words must stand before those that they begin with. */
  readonly as: 10 | 16 | readonly string[];
}

/** How lspci prints a register: one line, with the lines that are indented below it. */
export interface TextRegister {
  /** The line begins with this. */
  readonly line: string;
  /** From the start of the capability, or of the config space. */
  readonly offset: number;
  /** Bytes. */
  readonly width: 1 | 2 | 4;
  /**
   * Bit of each `Name+` or `Name-`; `Heading:Name` where the same name stands behind several headings of one line.
   */
  readonly flags?: Readonly<Record<string, number>>;
  readonly values?: readonly TextValue[];
}

/** A line of verbose text, with what was indented below it. */
export interface TextLine {
  readonly text: string;
  readonly line: number;
}

/** Puts what a line says of a register into the config space; `base` is the offset of the capability. */
export function putRegister(space: DecodedSpace, base: number, register: TextRegister, text: TextLine): void {
  let value = 0;
  let mask = 0;
  const take = (bit: number, bits: number, field: number): void => {
    value += field * 2 ** bit;
    mask += (2 ** bits - 1) * 2 ** bit;
  };
  if (register.flags !== undefined) {
    const taken = new Set<number>();
    eachFlag(text.text, (name, heading, on) => {
      const bit = register.flags?.[`${heading}${name}`] ?? register.flags?.[name];
      if (bit === undefined || taken.has(bit)) return;
      taken.add(bit);
      take(bit, 1, on ? 1 : 0);
    });
  }
  for (const one of register.values ?? []) {
    const found = readValue(text.text, one);
    if (found !== undefined && found < 2 ** one.bits) take(one.shift, one.bits, found);
  }
  if (mask !== 0) space.put(base + register.offset, register.width, value, mask, text.line);
}

/** The value behind the words before it, undefined if it does not stand there. */
export function readValue(text: string, { after, as }: Pick<TextValue, 'after' | 'as'>): number | undefined {
  const at = text.indexOf(after);
  if (at < 0) return undefined;
  const start = at + after.length;
  if (typeof as === 'number') return readNumber(text, start, as);
  const index = as.findIndex((word) => word !== '' && text.startsWith(word, start));
  return index < 0 ? undefined : index;
}

/** A number without sign that begins at `start`; undefined if none does or if it has more than 52 bits. */
export function readNumber(text: string, start: number, radix: 10 | 16): number | undefined {
  const digits = (radix === 16 ? /[0-9a-f]{1,17}/y : /[0-9]{1,16}/y) as RegExp;
  digits.lastIndex = start;
  const match = digits.exec(text);
  const value = match === null ? Number.NaN : Number.parseInt(match[0], radix);
  return value < 2 ** 52 ? value : undefined;
}

/** Each `Name+` and `Name-` of a line, with the `Heading:` before it. */
export function eachFlag(text: string, take: (name: string, heading: string, on: boolean) => void): void {
  let heading = '';
  for (const word of text.split(/[\s,;()]+/)) {
    const last = word.charCodeAt(word.length - 1);
    if (last === 58) heading = word;
    else if ((last === 43 || last === 45) && word.length > 1) take(word.slice(0, -1), heading, last === 43);
  }
}

import { hexDigit } from '../build/config-bytes.ts';
import { type AcpiTable, GapBudget, hasRightSum, MAX_TABLE_BYTES, TableBytes } from './acpi-table-bytes.ts';
import { readPairs } from './lspci-row.ts';
import type { NoteList } from './note-list.ts';

/** `[024h 0036   1]   Host Address Width : 26`; since 2023 the length has hexadecimal digits, too: `[024h 0036 001h]`. */
const field =
  /^\s*\[([0-9A-Fa-f]{3,8})h +(\d{4,10}) +(?:([0-9A-Fa-f]{3,8})h|(\d{1,8}))\] {0,60}([^:]{0,60}): ?(.*)$/;
const quoting = /^(?:> ?)+/;
const rawHeading = /^\s*Raw Table Data/;
const rawRow = /^\s*([0-9A-Fa-f]{4,8}): /;
const quoted = /^"(.*)"/;
const MAX_TABLES = 4096;

/** A line of a table that `iasl -d` took apart. */
export function isIaslField(line: string): boolean {
  return line.includes('h ') && field.test(line);
}

/**
 * Puts tables together again from what `iasl -d` made of them: from the raw bytes at the end, where they stand, and for the
 * rest from the offset, length and value of every field.
 */
export class IaslReader {
  readonly #notes: NoteList;
  readonly #tables: AcpiTable[] = [];
  readonly #gaps = new GapBudget();
  #raw = new TableBytes(this.#gaps);
  #fields = new TableBytes(this.#gaps);
  #firstLine = 0;
  #inRaw = false;
  #unread = 0;

  constructor(notes: NoteList) {
    this.#notes = notes;
  }

  line(text: string, number: number): void {
    const line = text.charCodeAt(0) === 62 ? text.replace(quoting, '') : text;
    if (rawHeading.test(line)) {
      this.#inRaw = true;
      return;
    }
    const label = this.#inRaw ? rawRow.exec(line) : null;
    if (label !== null) {
      this.#row(Number.parseInt(label[1] as string, 16), line, label[0].length, number);
      return;
    }
    const match = line.includes('h ') ? field.exec(line) : null;
    if (match !== null) this.#field(match, number);
  }

  finish(): AcpiTable[] {
    this.#close();
    return this.#tables;
  }

  #row(offset: number, line: string, start: number, number: number): void {
    const { bytes } = readPairs(line, start, 16);
    for (const [index, byte] of bytes.entries()) {
      if (this.#raw.put(offset + index, byte)) continue;
      this.#notes.add(`offset 0x${offset.toString(16)} is too high`, { line: number });
      return;
    }
  }

  #field(match: RegExpExecArray, number: number): void {
    const offset = Number.parseInt(match[1] as string, 16);
    // Both numbers say the same: a line in which they differ is damaged.
    const length = match[3] === undefined ? Number(match[4]) : Number.parseInt(match[3], 16);
    if (offset !== Number(match[2]) || offset + length > MAX_TABLE_BYTES || length === 0) {
      this.#unread++;
      this.#notes.add('damaged line of iasl, not used', { line: number });
      return;
    }
    if (offset === 0 && this.#fields.length > 0) this.#close();
    if (this.#fields.length === 0 && this.#raw.length === 0) this.#firstLine = number;
    this.#inRaw = false;
    const bytes = valueBytes(match[6] as string, length);
    if (bytes === undefined) {
      this.#unread++;
      this.#notes.add(`no value of ${length} bytes: ${JSON.stringify((match[6] as string).slice(0, 40))}`, {
        line: number,
      });
      return;
    }
    for (const [index, byte] of bytes.entries()) {
      if (this.#fields.put(offset + index, byte)) continue;
      this.#unread++;
      this.#notes.add(`offset 0x${offset.toString(16)} is too high`, { line: number });
      return;
    }
  }

  #close(): void {
    const [raw, fields] = [this.#raw, this.#fields];
    const unread = this.#unread;
    this.#raw = new TableBytes(this.#gaps);
    this.#fields = new TableBytes(this.#gaps);
    this.#inRaw = false;
    this.#unread = 0;
    const place = { line: this.#firstLine };
    const length = raw.statedLength ?? fields.statedLength;
    if (length === undefined || length < 8 || this.#tables.length >= MAX_TABLES) {
      if (raw.length + fields.length > 0) {
        this.#notes.add('a table without a header or a length is left out', place);
      }
      return;
    }
    const { table, differing } = combine(raw, fields, Math.min(length, MAX_TABLE_BYTES), this.#gaps);
    const bytes = paddedTo(length, table.bytes(length));
    const signature = String.fromCharCode(...bytes.subarray(0, 4));
    if (!/^[A-Z0-9_!]{4}$/.test(signature)) {
      this.#notes.add('a table without a signature is left out', place);
      return;
    }
    const note = (message: string): void => this.#notes.add(`table ${signature}: ${message}`, place);
    if (differing > 0) note(`${differing} bytes differ from the raw data at its end, which are used`);
    if (bytes.length < length) note(`cut short, ${bytes.length} of ${length} bytes`);
    const gaps = table.gaps(length).reduce((sum, one) => sum + one.end - one.start, 0);
    if (raw.length < length && bytes.length === length && !hasRightSum(bytes)) {
      const lost =
        gaps > 0 || unread > 0 ? `${gaps} bytes have no line and are taken as zero` : 'nothing is missing';
      note(`${lost}, but the checksum is wrong; of texts, what follows their first zero is not printed`);
    }
    this.#tables.push({ signature, bytes, ...place });
  }
}

/** Bytes that fill up a name at the end have no line: they are zeros if the checksum agrees. */
function paddedTo(length: number, bytes: Uint8Array): Uint8Array {
  if (bytes.length >= length || length - bytes.length > 64) return bytes;
  const padded = new Uint8Array(length);
  padded.set(bytes);
  return hasRightSum(padded) ? padded : bytes;
}

/** The raw data where they stand, and else the fields. */
function combine(
  raw: TableBytes,
  fields: TableBytes,
  length: number,
  budget: GapBudget,
): { readonly table: TableBytes; readonly differing: number } {
  const table = new TableBytes(budget);
  for (const source of [raw, fields]) {
    const bytes = source.bytes(length);
    const gaps = source.gaps(length);
    let gap = 0;
    for (let at = 0; at < bytes.length; at++) {
      while (gap < gaps.length && at >= (gaps[gap]?.end as number)) gap++;
      if (at >= (gaps[gap]?.start ?? bytes.length)) continue;
      table.put(at, bytes[at] as number);
    }
  }
  return { table, differing: table.contradictions };
}

/** Bytes of a value as iasl prints it: text, a number, bytes in their order, or the way `1C,04` of a device scope. */
function valueBytes(printed: string, length: number): number[] | undefined {
  const text = quoted.exec(printed)?.[1];
  if (text !== undefined) {
    if (text.length > length) return undefined;
    // iasl ends a text at its first zero.
    return Array.from({ length }, (_, i) => (i < text.length ? text.charCodeAt(i) & 0xff : 0));
  }
  const value = printed.replace(/[[(].*$/, '').trim();
  if (/^[0-9A-Fa-f]{2}(?:[ ,][0-9A-Fa-f]{2})+$/.test(value)) {
    const bytes = value.split(/[ ,]/).map((digits) => Number.parseInt(digits, 16));
    return bytes.length === length ? bytes : undefined;
  }
  if (value.length !== 2 * length || value.length === 0) return undefined;
  const bytes: number[] = [];
  for (let at = value.length - 2; at >= 0; at -= 2) {
    const [high, low] = [hexDigit(value.charCodeAt(at)), hexDigit(value.charCodeAt(at + 1))];
    if (high < 0 || low < 0) return undefined;
    bytes.push(high * 16 + low);
  }
  return bytes;
}

import { hexDigit } from '../build/config-bytes.ts';
import { GapBudget, MAX_TABLE_BYTES, TableBytes } from './acpi-table-bytes.ts';
import { stripCarrier } from './lspci-row.ts';
import type { NoteList } from './note-list.ts';

/** `00000000: 444d 4152 …` of xxd; `00000000  44 4d 41 52  …` of hexdump -C; `000000 44 4d …` of od -A x -t x1. */
const row = /^\s{0,8}([0-9A-Fa-f]{6,8})(: | {1,2})([0-9A-Fa-f]{2})/;
const LAST_ROW = /^[0-9A-Fa-f]{6,8}\s*$/;

/** A row of a hexadecimal dump of a file. */
export function isHexRow(line: string): boolean {
  return row.test(line);
}

/** Reads a file from its hexadecimal dump, with `*` for rows that repeat. */
export class HexdumpReader {
  readonly #notes: NoteList;
  readonly #table = new TableBytes(new GapBudget());
  #last: readonly number[] = [];
  #repeats = false;
  #firstLine = 0;

  constructor(notes: NoteList) {
    this.#notes = notes;
  }

  line(raw: string, number: number): void {
    const line = raw.charCodeAt(0) === 62 ? stripCarrier(raw) : raw;
    if (line.trim() === '*') {
      this.#repeats = this.#last.length > 0;
      return;
    }
    const match = row.exec(line);
    if (match === null) {
      if (LAST_ROW.test(line) && this.#repeats) this.#repeat(Number.parseInt(line, 16));
      return;
    }
    if (this.#firstLine === 0) this.#firstLine = number;
    const offset = Number.parseInt(match[1] as string, 16);
    if (this.#repeats) this.#repeat(offset);
    const start = match[0].length - 2;
    this.#last = bytesFrom(line, start);
    for (const [index, byte] of this.#last.entries()) {
      if (this.#table.put(offset + index, byte)) continue;
      this.#notes.add(`offset 0x${offset.toString(16)} is too high for a table`, { line: number });
      return;
    }
  }

  /** The bytes, and the line at which they begin; undefined if there were none. */
  finish(): { readonly bytes: Uint8Array; readonly line: number } | undefined {
    const length = this.#table.length;
    if (length === 0) return undefined;
    for (const { start, end } of this.#table.gaps(length)) {
      const range = `0x${start.toString(16)} to 0x${end.toString(16)}`;
      this.#notes.add(`bytes ${range} are missing and taken as zero`, { line: this.#firstLine });
    }
    if (this.#table.contradictions > 0) {
      const message = `${this.#table.contradictions} bytes stand there twice and differ; the first are used`;
      this.#notes.add(message, { line: this.#firstLine });
    }
    return { bytes: this.#table.bytes(), line: this.#firstLine };
  }

  #repeat(end: number): void {
    const pattern = this.#last;
    for (let at = this.#table.length; at < Math.min(end, MAX_TABLE_BYTES); at++) {
      // A row repeats from its own beginning, which is a multiple of its length.
      this.#table.put(at, pattern[at % pattern.length] as number);
    }
    this.#repeats = false;
  }
}

/** Up to 16 bytes, in groups of any size; two blanks end them unless eight bytes stand before. */
function bytesFrom(line: string, start: number): number[] {
  const bytes: number[] = [];
  let at = start;
  while (bytes.length < 16) {
    const [high, low] = [hexDigit(line.charCodeAt(at)), hexDigit(line.charCodeAt(at + 1))];
    if (high < 0 || low < 0) break;
    bytes.push(high * 16 + low);
    at += 2;
    if (line.charCodeAt(at) === 0x20) at++;
    if (line.charCodeAt(at) !== 0x20) continue;
    if (bytes.length !== 8) break;
    at++;
  }
  return bytes;
}

import { hexDigit } from '../build/config-bytes.ts';
import { readPairs } from './lspci-row.ts';
import type { NoteList } from './note-list.ts';

export interface CollectedSpace {
  readonly bytes: Uint8Array;
  readonly missing: readonly { readonly start: number; readonly end: number }[];
}

const NOTHING: readonly string[] = [''];

/** Collects the rows of one function, repairing what is unambiguous. */
export class FunctionRows {
  readonly #name: string;
  readonly #notes: NoteList;
  /** Empty until the first row: of many functions there is nothing but a heading. */
  #bytes = new Uint8Array(0);
  #have = new Uint8Array(0);
  #rows = 0;
  /** One above the highest byte held. */
  #end = 0;
  /** Where the row being read goes on, while it has fewer than 16 bytes. */
  #next = 0;
  #rowEnd = 0;
  /** What the next byte may have begun with, directly before spliced-in text: nothing, one digit, or both. */
  #begun: readonly string[] = NOTHING;
  #lastLine = 0;

  constructor(name: string, notes: NoteList) {
    this.#name = name;
    this.#notes = notes;
  }

  /** Label of the row that should come next. */
  get expectedLabel(): string {
    return this.#rowEnd.toString(16).padStart(2, '0');
  }

  /** A row with its label. `rest` is what stood behind the bytes. */
  row(offset: number, bytes: readonly number[], rest: string, line: number): void {
    this.#reportCut();
    this.#lastLine = line;
    this.#rows++;
    if (offset + 16 > this.#bytes.length) this.#widen(offset + 16 > 256 ? 4096 : 256);
    if (this.#have[offset] === 1) {
      const same = bytes.every((byte, i) => this.#bytes[offset + i] === byte);
      this.#notes.add(
        `${this.#name}: row ${offset.toString(16)} stands here again, ` +
          `${same ? 'with the same bytes' : 'with other bytes'}; the first is used`,
        { line },
      );
      this.#next = this.#rowEnd;
      return;
    }
    this.#rowEnd = offset + 16;
    this.#put(offset, bytes);
    if (rest !== '') this.#splice(rest, line);
  }

  /** The rest of a row that was wrapped or had text spliced in; false if the line is no such thing. */
  continueRow(line: string, number: number): boolean {
    const wanted = this.#rowEnd - this.#next;
    if (wanted <= 0) return false;
    const bytes = this.#restOfRow(line, wanted);
    if (bytes === undefined) return false;
    this.#notes.add(`${this.#name}: the rest of row ${(this.#rowEnd - 16).toString(16)} is taken from here`, {
      line: number,
    });
    this.#lastLine = number;
    this.#put(this.#next, bytes);
    return true;
  }

  /** Undefined if there was no row. */
  finish(): CollectedSpace | undefined {
    this.#reportCut();
    if (this.#end === 0) return undefined;
    const size = this.#end <= 64 ? 64 : this.#end <= 256 ? 256 : 4096;
    const bytes = this.#bytes.slice(0, size);
    const missing: { start: number; end: number }[] = [];
    for (let at = 0; at < size; ) {
      if (this.#have[at] === 1) {
        at++;
        continue;
      }
      const start = at;
      while (at < size && this.#have[at] === 0) at++;
      missing.push({ start, end: at });
    }
    return { bytes, missing };
  }

  /** The rest may complete a byte that had begun; it does if the row then has all of its bytes. */
  #restOfRow(line: string, wanted: number): readonly number[] | undefined {
    let partial: readonly number[] | undefined;
    for (const begun of this.#begun) {
      const text = begun + line;
      const { bytes, end } = readPairs(text, 0, wanted);
      if (bytes.length === 0 || end !== text.length) continue;
      if (bytes.length === wanted) return bytes;
      partial ??= bytes;
    }
    return partial;
  }

  #put(offset: number, bytes: readonly number[]): void {
    for (const [i, byte] of bytes.entries()) {
      this.#bytes[offset + i] = byte;
      this.#have[offset + i] = 1;
    }
    this.#next = offset + bytes.length;
    this.#begun = NOTHING;
    if (this.#next > this.#end) this.#end = this.#next;
  }

  #splice(rest: string, line: number): void {
    const shown = rest.length > 50 ? `${rest.slice(0, 50)}…` : rest;
    const label = (this.#rowEnd - 16).toString(16).padStart(2, '0');
    this.#notes.add(`${this.#name}: foreign text in row ${label}: ${JSON.stringify(shown)}`, { line });
    if (this.#next >= this.#rowEnd || hexDigit(rest.charCodeAt(0)) < 0) return;
    const first = rest.charAt(0);
    const both = hexDigit(rest.charCodeAt(1)) < 0 ? [] : [`${rest.slice(0, 2)} `];
    this.#begun = ['', first, ...both];
  }

  #reportCut(): void {
    if (this.#rows === 0 || this.#next >= this.#rowEnd) return;
    const label = (this.#rowEnd - 16).toString(16).padStart(2, '0');
    this.#notes.add(`${this.#name}: row ${label} is cut short`, { line: this.#lastLine });
    this.#next = this.#rowEnd;
    this.#begun = NOTHING;
  }

  #widen(size: number): void {
    const bytes = new Uint8Array(size);
    const have = new Uint8Array(size);
    bytes.set(this.#bytes);
    have.set(this.#have);
    this.#bytes = bytes;
    this.#have = have;
  }
}

import { type AcpiTable, GapBudget, TableBytes } from './acpi-table-bytes.ts';
import { readPairs, stripCarrier } from './lspci-row.ts';
import type { NoteList } from './note-list.ts';

const heading = /^\s*([A-Z0-9_!]{4}|"[A-Z0-9_!]{4}") @ (?:0x)?[0-9A-Fa-f]{1,16}/;
/** The root pointer has eight characters, no length, and no use here. */
const rootPointer = /^\s*"?RSD PTR ?"? @ (?:0x)?[0-9A-Fa-f]{1,16}/;
const row = /^\s*([0-9A-Fa-f]{4,8}): /;
const pair = /^\s*[0-9A-Fa-f]{2}(?: |$)/;
const ROW = 16;
/** More tables than these are in no machine. */
const MAX_TABLES = 4096;

/** A heading of the text of acpidump: `DMAR @ 0x00000000BF7E0000`. */
export function isAcpiHeading(line: string): boolean {
  return heading.test(line);
}

/** Reads the text of acpidump, of pmtools and of ACPICA, line by line. */
export class AcpiTextReader {
  readonly #notes: NoteList;
  readonly #tables: AcpiTable[] = [];
  #signature: string | undefined;
  #inRootPointer = false;
  #headingLine = 0;
  readonly #gaps = new GapBudget();
  #bytes = new TableBytes(this.#gaps);
  /** Where the row ends that was read last, and where it would end if it were whole. */
  #rowEnd = 0;
  #wholeEnd = 0;
  #foreign = 0;

  constructor(notes: NoteList) {
    this.#notes = notes;
  }

  line(raw: string, number: number): void {
    // A mail quotes with `> `; without it there is nothing to strip that matters here.
    const line = raw.charCodeAt(0) === 62 ? stripCarrier(raw) : raw;
    const head = line.includes(' @ ') ? heading.exec(line) : null;
    if (head !== null) {
      this.#close();
      this.#signature = (head[1] as string).replaceAll('"', '');
      this.#headingLine = number;
      return;
    }
    if (line.includes('RSD PTR') && rootPointer.test(line)) {
      this.#close();
      this.#inRootPointer = true;
      return;
    }
    const label = row.exec(line);
    if (label === null) {
      if (!this.#continues(line, number) && line.trim() !== '') this.#foreign++;
      return;
    }
    if (this.#inRootPointer) return;
    if (this.#signature === undefined) {
      this.#notes.add('bytes stand before the heading of any table and are not used', { line: number });
      return;
    }
    this.#row(Number.parseInt(label[1] as string, 16), line, label[0].length, number);
  }

  finish(): AcpiTable[] {
    this.#close();
    if (this.#foreign > 0 && this.#tables.length > 0) {
      this.#notes.add(`${this.#foreign} lines are not of acpidump and were passed over`);
    }
    return this.#tables;
  }

  #row(offset: number, line: string, start: number, number: number): void {
    const before = this.#bytes.length;
    const { bytes } = readPairs(line, start, ROW);
    if (!this.#put(offset, bytes)) {
      const message = `table ${this.#signature}: offset 0x${offset.toString(16)} is too high`;
      this.#notes.add(message, { line: number });
      return;
    }
    if (offset !== before) {
      const missing = `0x${before.toString(16)} to 0x${offset.toString(16)}`;
      const message = `table ${this.#signature}: bytes ${missing} are not in order; what is missing is taken as zero`;
      this.#notes.add(message, { line: number });
    }
    this.#wholeEnd = offset + ROW;
  }

  #put(offset: number, bytes: readonly number[]): boolean {
    for (const [index, byte] of bytes.entries()) {
      if (!this.#bytes.put(offset + index, byte)) return false;
    }
    this.#rowEnd = offset + bytes.length;
    return true;
  }

  /** A mail may wrap a row: what follows without an offset are its other bytes, up to sixteen. */
  #continues(line: string, number: number): boolean {
    const lacking = this.#wholeEnd - this.#rowEnd;
    if (this.#signature === undefined || lacking <= 0 || lacking >= ROW || !pair.test(line)) return false;
    const length = this.#bytes.statedLength;
    // The last row of a table may be short.
    if (length !== undefined && this.#rowEnd >= length) return false;
    this.#notes.add(`table ${this.#signature}: a wrapped row is joined`, { line: number });
    this.#put(this.#rowEnd, readPairs(line, line.length - line.trimStart().length, lacking).bytes);
    return true;
  }

  #close(): void {
    const signature = this.#signature;
    const table = this.#bytes;
    this.#signature = undefined;
    this.#inRootPointer = false;
    this.#bytes = new TableBytes(this.#gaps);
    this.#rowEnd = 0;
    this.#wholeEnd = 0;
    if (signature === undefined) return;
    const place = { line: this.#headingLine };
    if (this.#tables.length >= MAX_TABLES) {
      this.#notes.add(`there are more than ${MAX_TABLES} tables: ${signature} is left out`, place);
      return;
    }
    if (table.length < 8) {
      this.#notes.add(`table ${signature} has no bytes and is left out`, place);
      return;
    }
    const length = table.statedLength ?? 0;
    if (length > table.length) {
      this.#notes.add(`table ${signature} is cut short: ${table.length} of ${length} bytes`, place);
    }
    if (table.contradictions > 0) {
      const message = `table ${signature}: ${table.contradictions} bytes stand there twice and differ; the first are used`;
      this.#notes.add(message, place);
    }
    // The text column behind the last bytes may look like bytes: the header's length decides.
    this.#tables.push({ signature, bytes: table.bytes(Math.max(8, length)), ...place });
  }
}

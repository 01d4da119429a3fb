import { UserError } from '@quiesce/simulation';
import type { ImportNote } from '../description/machine.ts';
import { assertInputSize, captureText, eachLine } from './input-limits.ts';
import { readPairs } from './lspci-row.ts';
import { NoteList } from './note-list.ts';

/** One ACPI table as bytes. */
export interface AcpiTable {
  /** Four characters, e.g. `DMAR`. */
  readonly signature: string;
  /** As long as its header says, unless the dump ended before. */
  readonly bytes: Uint8Array;
  /** Line of its heading; undefined for a binary table. */
  readonly line?: number;
}

/** The tables of an ACPI dump. */
export interface AcpiDump {
  readonly tables: readonly AcpiTable[];
  readonly notes: readonly ImportNote[];
}

const HEADER_BYTES = 36;
/** ACPI tables are small; this is far above the largest DSDT. */
const MAX_TABLE_BYTES = 16 * 1024 * 1024;
const heading = /^\s*([A-Z0-9_!]{4}|"[A-Z0-9_!]{4}") @ (?:0x)?[0-9A-Fa-f]+/;
const row = /^\s*([0-9A-Fa-f]{4,8}): /;

/**
 * Reads the text of `acpidump`, or one table as a binary file (`/sys/firmware/acpi/tables/DMAR`).
 * @throws UserError `ACPI_EMPTY` if there is no table, `ACPI_LENGTH` if a binary table lies about its length,
 * `INPUT_TOO_LARGE`
 */
export function parseAcpiDump(input: string | Uint8Array, { file }: { readonly file: string }): AcpiDump {
  assertInputSize(input.length, file);
  if (typeof input !== 'string' && isBinaryTable(input))
    return { tables: [binaryTable(input, file)], notes: [] };
  const reader = new AcpiTextReader(file);
  eachLine(captureText(input, file), (line, number) => reader.line(line, number));
  return reader.finish();
}

/** The first table of this signature. */
export function acpiTable(dump: AcpiDump, signature: string): AcpiTable | undefined {
  return dump.tables.find((one) => one.signature === signature);
}

/** Text has ` @ 0x…` behind the signature, a table its length and revision. */
function isBinaryTable(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES) return false;
  for (let i = 0; i < 4; i++) {
    const code = bytes[i] as number;
    if (!(code >= 65 && code <= 90) && !(code >= 48 && code <= 57) && code !== 95 && code !== 33)
      return false;
  }
  return !(bytes[4] === 32 && bytes[5] === 64);
}

function binaryTable(bytes: Uint8Array, file: string): AcpiTable {
  const signature = String.fromCharCode(...bytes.subarray(0, 4));
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  if (length < HEADER_BYTES || length > bytes.length) {
    throw new UserError('ACPI_LENGTH', `table ${signature} says that it has ${length} bytes`, {
      expected: `${HEADER_BYTES} .. ${bytes.length}, the size of the file`,
      place: { file, offset: 4 },
    });
  }
  return { signature, bytes: bytes.slice() };
}

class AcpiTextReader {
  readonly #file: string;
  readonly #notes: NoteList;
  readonly #tables: AcpiTable[] = [];
  #signature: string | undefined;
  #headingLine = 0;
  #bytes: number[] = [];
  #foreign = 0;

  constructor(file: string) {
    this.#file = file;
    this.#notes = new NoteList(file);
  }

  line(line: string, number: number): void {
    const head = heading.exec(line);
    if (head !== null) {
      this.#close();
      this.#signature = (head[1] as string).replaceAll('"', '');
      this.#headingLine = number;
      return;
    }
    const label = row.exec(line);
    if (label === null) {
      if (line.trim() !== '') this.#foreign++;
      return;
    }
    if (this.#signature === undefined) {
      this.#notes.add('bytes stand before the heading of any table and are not used', { line: number });
      return;
    }
    this.#row(Number.parseInt(label[1] as string, 16), line, label[0].length, number);
  }

  finish(): AcpiDump {
    this.#close();
    if (this.#tables.length === 0) {
      throw new UserError('ACPI_EMPTY', 'no ACPI table was found', {
        expected: 'the text of acpidump, with lines such as "DMAR @ 0x…", or a binary table',
        place: { file: this.#file },
      });
    }
    if (this.#foreign > 0) this.#notes.add(`${this.#foreign} lines are not of acpidump and were passed over`);
    return { tables: this.#tables, notes: this.#notes.all() };
  }

  #row(offset: number, line: string, start: number, number: number): void {
    if (offset > MAX_TABLE_BYTES) {
      this.#notes.add(`table ${this.#signature}: offset 0x${offset.toString(16)} is too high`, {
        line: number,
      });
      return;
    }
    if (offset !== this.#bytes.length) {
      this.#notes.add(
        `table ${this.#signature}: bytes 0x${this.#bytes.length.toString(16)} to 0x${offset.toString(16)} ` +
          'are not in order; what is missing is taken as zero',
        { line: number },
      );
      while (this.#bytes.length < offset) this.#bytes.push(0);
      this.#bytes.length = offset;
    }
    this.#bytes.push(...readPairs(line, start, 16).bytes);
  }

  #close(): void {
    const signature = this.#signature;
    const bytes = Uint8Array.from(this.#bytes);
    this.#signature = undefined;
    this.#bytes = [];
    if (signature === undefined) return;
    const place = { line: this.#headingLine };
    if (bytes.length < 8) {
      this.#notes.add(`table ${signature} has no bytes and is left out`, place);
      return;
    }
    const length = new DataView(bytes.buffer).getUint32(4, true);
    if (length > bytes.length) {
      this.#notes.add(`table ${signature} is cut short: ${bytes.length} of ${length} bytes`, place);
    }
    // The text column behind the last bytes may look like bytes: the header's length decides.
    this.#tables.push({ signature, bytes: bytes.slice(0, Math.max(8, length)), ...place });
  }
}

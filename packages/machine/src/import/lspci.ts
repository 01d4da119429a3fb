import { UserError } from '@quiesce/simulation';
import { type FunctionPlace, functionName } from '../description/function-name.ts';
import type { ImportNote } from '../description/machine.ts';
import { captureText, eachLine, eachLineOf } from './input-limits.ts';
import { FunctionRows } from './lspci-function-rows.ts';
import { readPairs, readRowLabel, stripCarrier } from './lspci-row.ts';
import { NoteList } from './note-list.ts';
import { RegionSizes } from './region-sizes.ts';

/** A function as `lspci` printed it. */
export interface LspciFunction extends FunctionPlace {
  /** `0000:01:00.0` */
  readonly name: string;
  /** Text of the heading: class, maker and device in the words of the machine that printed them. */
  readonly label?: string;
  /** 64, 256 or 4,096 bytes. */
  readonly bytes: Uint8Array;
  /** Ranges of `bytes` that the dump did not hold; they are zeros. `end` is exclusive. */
  readonly missing: readonly { readonly start: number; readonly end: number }[];
  /** Bytes of each of the six BARs where the text said so. */
  readonly regionSizes: readonly (number | undefined)[];
  readonly kernelDriver?: string;
  /** Line of the heading. */
  readonly line: number;
}

/** What the text of `lspci` holds. */
export interface LspciDump {
  readonly functions: readonly LspciFunction[];
  /** The text has the verbose lines, so that a function without a driver line has no driver. */
  readonly verbose: boolean;
  readonly notes: readonly ImportNote[];
}

/**
 * Reads the text of `lspci -xxx` or `-xxxx` with any of -n, -nn, -D, -v, -vv, -vvv. The hexadecimal rows are
 * the truth; of the verbose text only sizes of regions and names of drivers are used, which the rows lack.
 * Damage that real captures have (text spliced into rows, missing rows, wrapped or quoted lines) is
 * repaired where that is unambiguous, and noted.
 * @throws UserError `LSPCI_EMPTY`, `LSPCI_NO_HEX`, `LSPCI_DUPLICATE`, `INPUT_TOO_LARGE`
 */
export function parseLspci(input: string | Uint8Array, { file }: { readonly file: string }): LspciDump {
  const reader = new LspciReader(file);
  eachLine(captureText(input, file), (line, number) => reader.line(line, number));
  return reader.finish();
}

/**
 * As {@link parseLspci}, from a stream.
 * @throws UserError as {@link parseLspci}, and `INPUT_LINE`
 */
export async function parseLspciStream(
  chunks: AsyncIterable<string | Uint8Array>,
  { file }: { readonly file: string },
): Promise<LspciDump> {
  const reader = new LspciReader(file);
  await eachLineOf(chunks, file, (line, number) => reader.line(line, number));
  return reader.finish();
}

interface OpenFunction {
  readonly place: FunctionPlace;
  readonly name: string;
  readonly label: string;
  readonly line: number;
  readonly rows: FunctionRows;
  readonly regions: RegionSizes;
  driver: string | undefined;
}

const heading = /^(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}):([01][0-9a-f])\.([0-7]) (.*)$/;
const driverLine = /^\s+Kernel driver in use: (\S+)/;
const verboseLine = /^\s+(?:Control|Flags|Capabilities|Kernel modules|Subsystem): /;

class LspciReader {
  readonly #file: string;
  readonly #notes: NoteList;
  readonly #functions: LspciFunction[] = [];
  readonly #seen = new Map<string, number>();
  #open: OpenFunction | undefined;
  #verbose = false;
  #sawHeading = false;
  /** First characters of a row's label, behind which other text was spliced in. */
  #splitLabel: string | undefined;

  constructor(file: string) {
    this.#file = file;
    this.#notes = new NoteList(file);
  }

  line(raw: string, number: number): void {
    if (raw === '') return;
    if (raw.charCodeAt(0) === 9) {
      this.#detail(raw);
      return;
    }
    const line = stripCarrier(raw);
    if (line === '') return;
    if (line.charCodeAt(0) === 9) {
      this.#detail(line);
      return;
    }
    if (this.#row(line, number)) return;
    const match = heading.exec(line);
    if (match !== null) this.#heading(match, number);
    else this.#foreign(line, number);
  }

  finish(): LspciDump {
    this.#close();
    const place = { file: this.#file };
    if (!this.#sawHeading) {
      throw new UserError('LSPCI_EMPTY', 'no PCI function was found', {
        expected: 'the text of lspci -xxxx, with lines such as "00:1f.2 SATA controller: …"',
        place,
      });
    }
    if (this.#functions.length === 0) {
      throw new UserError('LSPCI_NO_HEX', 'no function has its config space in the text', {
        expected: 'rows such as "00: 86 80 …", as lspci -xxxx prints them',
        place,
      });
    }
    return { functions: this.#functions, verbose: this.#verbose, notes: this.#notes.all() };
  }

  #heading(match: RegExpExecArray, line: number): void {
    this.#close();
    this.#sawHeading = true;
    const place = {
      segment: match[1] === undefined ? 0 : Number.parseInt(match[1], 16),
      bus: Number.parseInt(match[2] as string, 16),
      device: Number.parseInt(match[3] as string, 16),
      fn: Number(match[4]),
    };
    const name = functionName(place);
    const before = this.#seen.get(name);
    if (before !== undefined) {
      throw new UserError('LSPCI_DUPLICATE', `function ${name} stands here again, first in line ${before}`, {
        expected: 'each function once',
        place: { file: this.#file, line },
      });
    }
    this.#seen.set(name, line);
    const rows = new FunctionRows(name, this.#notes);
    const regions = new RegionSizes();
    this.#open = { place, name, label: match[5] as string, line, rows, regions, driver: undefined };
  }

  /** True if the line is a row, or the rest of one. */
  #row(line: string, number: number): boolean {
    const split = this.#splitLabel;
    this.#splitLabel = undefined;
    const rows = this.#open?.rows;
    const joined = split === undefined ? line : split + line;
    const label = readRowLabel(joined);
    if (label !== undefined) {
      const { bytes, end } = readPairs(joined, label.end, 16);
      // "00:1f.2 …" is no label; "00: …" with no byte behind it is a row cut short.
      if (rows === undefined) {
        this.#notes.add('a row of bytes stands before any function and is not used', { line: number });
      } else rows.row(label.offset, bytes, joined.slice(end), number);
      return true;
    }
    if (rows === undefined) return false;
    if (rows.continueRow(line, number)) return true;
    const expected = `${rows.expectedLabel}:`;
    for (let length = expected.length - 1; length > 0; length--) {
      if (!line.startsWith(expected.slice(0, length)) || heading.test(line)) continue;
      this.#splitLabel = expected.slice(0, length);
      break;
    }
    return false;
  }

  #detail(line: string): void {
    this.#splitLabel = undefined;
    const open = this.#open;
    if (open === undefined) return;
    if (!this.#verbose && verboseLine.test(line)) this.#verbose = true;
    if (line.includes('[size=')) open.regions.take(line);
    else if (line.startsWith('Kernel driver', 1)) open.driver = driverLine.exec(line)?.[1];
  }

  #foreign(line: string, number: number): void {
    const shown = line.length > 60 ? `${line.slice(0, 60)}…` : line;
    this.#notes.add(`not a line of lspci, passed over: ${JSON.stringify(shown)}`, { line: number });
  }

  #close(): void {
    const open = this.#open;
    this.#open = undefined;
    this.#splitLabel = undefined;
    if (open === undefined) return;
    const space = open.rows.finish();
    if (space === undefined) {
      this.#notes.add(`${open.name} has no rows of bytes and is left out`, { line: open.line });
      return;
    }
    this.#functions.push({
      ...open.place,
      name: open.name,
      ...(open.label === '' ? {} : { label: open.label }),
      bytes: space.bytes,
      missing: space.missing,
      regionSizes: open.regions.resolve(space.bytes),
      ...(open.driver === undefined ? {} : { kernelDriver: open.driver }),
      line: open.line,
    });
  }
}

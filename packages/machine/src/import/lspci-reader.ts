import { UserError } from '@quiesce/simulation';
import { functionName } from '../description/function-name.ts';
import type { LspciDump, LspciFunction } from './lspci.ts';
import { type Details, detailDepth, isFlagsAlone, startsDetail } from './lspci-detail-line.ts';
import { FunctionRows } from './lspci-function-rows.ts';
import { markMultiFunction } from './lspci-multi-function.ts';
import { type FunctionRecord, functionOf, type Sighting } from './lspci-record.ts';
import { readPairs, readRowLabel, stripCarrier } from './lspci-row.ts';
import { NoteList } from './note-list.ts';
import { RegionSizes } from './region-sizes.ts';

const heading = /^(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}):([01][0-9a-f])\.([0-7]) (.*)$/;
/** -PP puts the bridges on the way before the function. */
const path = /^(?:[0-9a-f:.]{4,16}\/){1,32}/;
const driverLine = /^Kernel driver in use: (\S+)/;
const verboseLine = /^(?:Control|Flags|Capabilities|Kernel modules|Subsystem): /;
const command = /^(?:.{0,80}[#$>] ?)?(?:sudo )?(?:\/\S{1,60}\/)?lspci(?: .{0,200})?$/;
const restOfHeading = /\[[0-9a-f]{4}:[0-9a-f]{4}\](?: \(rev [0-9a-f]{2}\))?(?: \(prog-if [^)]{0,80}\))?$/;
const LONGEST_DETAIL = 2000;
const MAX_DETAILS = 1000;
const MAX_SIGHTINGS = 8;
const MAX_FUNCTIONS = 16_384;

/** Reads the text of one or several calls of lspci, line by line. */
export class LspciReader {
  readonly #file: string;
  readonly #notes: NoteList;
  readonly #records = new Map<string, FunctionRecord>();
  #open: Sighting | undefined;
  #name = '';
  #indentation: Details = { heading: 0, unit: undefined };
  /** First characters of a row's label, behind which other text was spliced in. */
  #splitLabel: string | undefined;
  #lastWasHeading = false;
  #sawHeading = false;
  #denied: { count: number; readonly line: number } | undefined;
  #tooMany = 0;

  constructor(file: string) {
    this.#file = file;
    this.#notes = new NoteList(file);
  }

  line(raw: string, number: number): void {
    if (raw === '') return;
    if (raw.charCodeAt(0) === 9) {
      this.#detail(raw, number);
      return;
    }
    const line = stripCarrier(raw);
    if (line === '') return;
    if (line.charCodeAt(0) === 9) {
      this.#detail(line, number);
      return;
    }
    if (this.#row(line, number)) return;
    const match = heading.exec(line) ?? heading.exec(line.replace(path, ''));
    if (match !== null) this.#heading(match, number, raw);
    else this.#otherLine(line, raw, number);
  }

  finish(): LspciDump {
    this.#close();
    const place = { file: this.#file };
    if (!this.#sawHeading) {
      throw new UserError('LSPCI_EMPTY', 'no PCI function was found', {
        expected: 'the text of lspci, with lines such as "00:1f.2 SATA controller: …"',
        place,
      });
    }
    const functions: LspciFunction[] = [];
    for (const record of this.#records.values()) {
      const one = functionOf(record, this.#notes);
      if (one !== undefined) functions.push(one);
    }
    if (functions.length === 0) {
      throw new UserError('LSPCI_NO_FUNCTION', 'of no function the text says anything', {
        expected: 'classes such as "SATA controller" or "0106", or rows such as "00: 86 80 …"',
        place,
      });
    }
    markMultiFunction(functions);
    this.#summarise();
    return { functions, verbose: functions.some((one) => one.verbose), notes: this.#notes.all() };
  }

  #summarise(): void {
    if (this.#denied !== undefined) {
      const { count, line } = this.#denied;
      const message = `capabilities of ${count} functions were denied to the user who ran lspci: only root may read them`;
      this.#notes.add(message, { line });
    }
    if (this.#tooMany > 0) {
      this.#notes.add(`${this.#tooMany} headings beyond ${MAX_FUNCTIONS} functions are passed over`);
    }
  }

  #heading(match: RegExpExecArray, line: number, raw: string): void {
    this.#close();
    this.#sawHeading = true;
    const place = {
      segment: match[1] === undefined ? 0 : Number.parseInt(match[1], 16),
      bus: Number.parseInt(match[2] as string, 16),
      device: Number.parseInt(match[3] as string, 16),
      fn: Number(match[4]),
    };
    const name = functionName(place);
    let record = this.#records.get(name);
    if (record === undefined) {
      if (this.#records.size >= MAX_FUNCTIONS) {
        this.#tooMany++;
        return;
      }
      record = { place, name, sightings: [] };
      this.#records.set(name, record);
    }
    if (record.sightings.length >= MAX_SIGHTINGS) {
      this.#notes.add(`${name} stands here once more, after ${MAX_SIGHTINGS} times; not used`, { line });
      return;
    }
    this.#name = name;
    this.#indentation = { heading: raw.length - raw.trimStart().length, unit: undefined };
    this.#lastWasHeading = true;
    this.#open = {
      line,
      label: match[5] as string,
      rows: new FunctionRows(name, this.#notes),
      regions: new RegionSizes(),
      details: [],
      verbose: false,
    };
    record.sightings.push(this.#open);
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

  /** A line that is indented with tabs, as lspci does it. */
  #detail(line: string, number: number): void {
    this.#splitLabel = undefined;
    if (this.#open === undefined) return;
    let depth = 0;
    while (line.charCodeAt(depth) === 9) depth++;
    this.#take(line.slice(depth).trim(), depth, number);
  }

  #take(text: string, depth: number, number: number): void {
    const open = this.#open;
    if (open === undefined || text === '') return;
    this.#lastWasHeading = false;
    if (depth === 1 && !open.verbose && verboseLine.test(text)) open.verbose = true;
    if (text.includes('[size=')) open.regions.take(text);
    else if (text.startsWith('Kernel driver')) {
      const driver = driverLine.exec(text)?.[1];
      if (driver !== undefined) open.driver ??= driver;
      return;
    } else if (text.startsWith('Capabilities: <access denied>')) {
      this.#denied ??= { count: 0, line: number };
      this.#denied.count++;
      return;
    }
    if (text.length > LONGEST_DETAIL || open.details.length >= MAX_DETAILS) {
      const message = `${this.#name}: more text than lspci prints of a function, passed over`;
      this.#notes.add(message, { line: number });
      return;
    }
    open.details.push({ text, depth, line: number });
  }

  /** A line that begins with no tab and is neither row nor heading. */
  #otherLine(line: string, raw: string, number: number): void {
    const open = this.#open;
    if (line.includes('lspci') && command.test(line)) {
      this.#close();
      return;
    }
    if (open !== undefined) {
      if (this.#lastWasHeading && !startsDetail(line) && restOfHeading.test(line)) {
        open.label = `${open.label} ${line}`;
        this.#lastWasHeading = false;
        this.#notes.add(`${this.#name}: the rest of the heading is taken from here`, { line: number });
        return;
      }
      const last = open.details.at(-1);
      const wraps = last !== undefined && last.text.length < LONGEST_DETAIL && isFlagsAlone(line);
      if (wraps && raw.trimStart() === raw) {
        open.details[open.details.length - 1] = { ...last, text: `${last.text} ${line}` };
        this.#notes.add(`${this.#name}: a wrapped line goes on here`, { line: number });
        return;
      }
      const depth = detailDepth(line, raw, this.#indentation, open.details);
      if (depth !== undefined) {
        this.#take(line, depth, number);
        return;
      }
    }
    const shown = line.length > 60 ? `${line.slice(0, 60)}…` : line;
    this.#notes.add(`not a line of lspci, passed over: ${JSON.stringify(shown)}`, { line: number });
  }

  #close(): void {
    this.#open = undefined;
    this.#splitLabel = undefined;
    this.#lastWasHeading = false;
  }
}

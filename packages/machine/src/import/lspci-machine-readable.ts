import { UserError } from '@quiesce/simulation';
import { type FunctionPlace, functionName, parseFunctionName } from '../description/function-name.ts';
import { captureText, eachLine } from './input-limits.ts';
import type { LspciDump, LspciFunction, LspciOptions } from './lspci.ts';
import { classCodes, vendorOf } from './lspci-class-names.ts';
import type { FunctionIdentity } from './lspci-heading.ts';
import { identifiedFunction } from './lspci-identity-function.ts';
import { markMultiFunction } from './lspci-multi-function.ts';
import { NoteList } from './note-list.ts';

/** Fields of a record by the names that -vmm gives them. */
type Fields = Map<string, string>;

const MAX_FUNCTIONS = 16_384;
const LONGEST = 2000;

/**
 * Reads what `lspci -mm` and `lspci -vmm` print for programs (also -m and -vm), with any of -D, -n, -nn, -k.
 * @throws UserError `LSPCI_EMPTY`, `INPUT_TOO_LARGE`
 */
export function parseLspciMachineReadable(
  input: string | Uint8Array,
  { file, firstLine = 1 }: LspciOptions,
): LspciDump {
  const reader = new RecordReader(file);
  eachLine(captureText(input, file), (line, number) => reader.line(line, number + firstLine - 1));
  return reader.finish();
}

const slotPattern = /^(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/;
const rowStart = /^((?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7]) (?=")/;
const fieldLine = /^([A-Za-z]{1,12}):[ \t]+(.*)$/;
const positions: readonly string[] = ['Class', 'Vendor', 'Device', 'SVendor', 'SDevice'];

class RecordReader {
  readonly #file: string;
  readonly #notes: NoteList;
  readonly #functions = new Map<string, LspciFunction>();
  #open: { readonly slot: string; readonly fields: Fields; readonly line: number } | undefined;

  constructor(file: string) {
    this.#file = file;
    this.#notes = new NoteList(file);
  }

  line(raw: string, number: number): void {
    const line = raw.replace(/^(?:> ?)+/, '').trim();
    if (line === '') {
      this.#close();
      return;
    }
    const row = line.length > LONGEST ? null : rowStart.exec(line);
    if (row !== null) {
      this.#close();
      this.#row(row[1] as string, line.slice(row[0].length), number);
      return;
    }
    const field = line.length > LONGEST ? null : fieldLine.exec(line);
    if (field === null || !this.#field(field[1] as string, field[2] as string, number)) {
      if (/^(?:\/\S+\/)?lspci /.test(line)) return;
      const shown = JSON.stringify(line.slice(0, 60));
      this.#notes.add(`not a line of lspci -mm or -vmm, passed over: ${shown}`, { line: number });
    }
  }

  finish(): LspciDump {
    this.#close();
    if (this.#functions.size === 0) {
      throw new UserError('LSPCI_EMPTY', 'no PCI function was found', {
        expected: 'the text of lspci -mm, with lines such as 00:1f.2 "SATA controller" "Intel Corporation" …',
        place: { file: this.#file },
      });
    }
    const functions = [...this.#functions.values()];
    markMultiFunction(functions);
    return { functions, verbose: functions.some((one) => one.verbose), notes: this.#notes.all() };
  }

  /** False if the line belongs to no record. */
  #field(name: string, value: string, line: number): boolean {
    // -vm without a second m calls the slot a device.
    if ((name === 'Slot' || name === 'Device') && slotPattern.test(value)) {
      this.#close();
      this.#open = { slot: value, fields: new Map(), line };
      return true;
    }
    if (this.#open === undefined) return false;
    if (!this.#open.fields.has(name) && this.#open.fields.size < 32) this.#open.fields.set(name, value);
    return true;
  }

  #row(slot: string, rest: string, line: number): void {
    const fields: Fields = new Map();
    let next = 0;
    let at = 0;
    while (at < rest.length) {
      if (rest.charAt(at) === ' ') at++;
      else if (rest.charAt(at) === '"') {
        const { text, end } = quoted(rest, at + 1);
        const name = positions[next++];
        if (name !== undefined) fields.set(name, text);
        if (end > rest.length) this.#notes.add(`${slot}: the row is cut short`, { line });
        at = end;
      } else {
        const end = rest.indexOf(' ', at) < 0 ? rest.length : rest.indexOf(' ', at);
        const word = rest.slice(at, end);
        if (word.startsWith('-r')) fields.set('Rev', word.slice(2));
        else if (word.startsWith('-p')) fields.set('ProgIf', word.slice(2));
        else {
          this.#notes.add(`${slot}: passed over: ${JSON.stringify(word.slice(0, 40))}`, { line });
        }
        at = end;
      }
    }
    this.#add(slot, fields, line);
  }

  #close(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open !== undefined) this.#add(open.slot, open.fields, open.line);
  }

  #add(slot: string, fields: Fields, line: number): void {
    const place = parseFunctionName(slot.length < 11 ? `0000:${slot}` : slot) as FunctionPlace;
    const name = functionName(place);
    if (this.#functions.has(name) || this.#functions.size >= MAX_FUNCTIONS) {
      const why = this.#functions.has(name) ? 'stands here again; the first is used' : 'is one too many';
      this.#notes.add(`${name} ${why}`, { line });
      return;
    }
    const words = ['Class', 'Vendor', 'Device'].map((one) => withoutNumber(fields.get(one) ?? ''));
    const label = words[0] === '' ? '' : `${words[0]}: ${words.slice(1).join(' ')}`.trim();
    // With -k a function without a driver has no line of it: then only a line of modules tells that -k was given.
    const driver = fields.get('Driver') ?? (fields.has('Module') ? '' : undefined);
    const identity = identityOf(fields);
    this.#functions.set(
      name,
      identifiedFunction({ place, identity, label, line, ...(driver === undefined ? {} : { driver }) }),
    );
  }
}

/** Text up to the closing quote, in which a backslash protects quotes and backslashes. */
function quoted(line: string, start: number): { text: string; end: number } {
  let text = '';
  for (let at = start; at < line.length; at++) {
    const char = line.charAt(at);
    if (char === '"') return { text, end: at + 1 };
    if (char === '\\' && at + 1 < line.length) text += line.charAt(++at);
    else text += char;
  }
  return { text, end: line.length + 1 };
}

function identityOf(fields: Fields): FunctionIdentity {
  const said = (name: string): string => fields.get(name) ?? '';
  const classCode = numberOf(said('Class')) ?? classCodes.get(said('Class').toLowerCase());
  const vendor = numberOf(said('Vendor')) ?? vendorOf(`${said('Vendor')} `);
  const subsystemVendor = numberOf(said('SVendor')) ?? vendorOf(`${said('SVendor')} `);
  const device = numberOf(said('Device'));
  const subsystemDevice = numberOf(said('SDevice'));
  // Both are left out where they are zero; -vmm leaves the interface out of functions that have none.
  const revision = byteOf(fields.get('Rev')) ?? 0;
  const programmingInterface = byteOf(fields.get('ProgIf')) ?? 0;
  return {
    ...(classCode === undefined ? {} : { classCode }),
    ...(vendor === undefined ? {} : { vendor }),
    ...(device === undefined ? {} : { device }),
    ...(subsystemVendor === undefined ? {} : { subsystemVendor }),
    ...(subsystemDevice === undefined ? {} : { subsystemDevice }),
    revision,
    programmingInterface,
  };
}

/** `0106`, `SATA controller [0106]`, `Device 2922` */
function numberOf(text: string): number | undefined {
  const digits = /^([0-9a-f]{4})$|\[([0-9a-f]{4})\]$|^Device ([0-9a-f]{4})$/.exec(text);
  const found = digits?.[1] ?? digits?.[2] ?? digits?.[3];
  return found === undefined ? undefined : Number.parseInt(found, 16);
}

function byteOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9a-f]{2}$/.test(text) ? Number.parseInt(text, 16) : undefined;
}

function withoutNumber(text: string): string {
  return text.replace(/ \[[0-9a-f]{4}\]$/, '');
}

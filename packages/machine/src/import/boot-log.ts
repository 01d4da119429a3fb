import type { ImportNote } from '../description/machine.ts';
import { BootDraft } from './boot-log-draft.ts';
import { readMemoryLine } from './boot-log-memory.ts';
import { readPciLine } from './boot-log-pci.ts';
import { readRemappingLine } from './boot-log-remapping.ts';
import { readSystemLine } from './boot-log-system.ts';
import type { BootLog, LoggedBoot } from './boot-record.ts';
import { captureText, eachLine } from './input-limits.ts';
import { stripLogCarrier } from './log-carrier.ts';
import { LogRecordReader } from './log-record-reader.ts';
import { NoteList } from './note-list.ts';

/** More kernels than these in one file are not told apart from the last of them. */
const MAX_BOOTS = 64;
/** A kernel prints at most 1,024 characters a line; a carrier adds some. */
const MAX_LINE = 4096;

/**
 * Reads what kernels said of their machine while they booted: remapping units, reserved memory, the firmware's memory map,
 * ECAM windows, host bridges and every function that was enumerated. Lines of all eras since 2.6.24 are known; carriers
 * (stamps, hosts, quoting, journals in JSON) do not matter. A line that was of use but is damaged is noted and not used.
 * @param input text, bytes or lines; `firstLine` is the line of the file that it begins with, where it is a section of one
 * @throws UserError `INPUT_TOO_LARGE`
 */
export function parseBootLog(
  input: string | Uint8Array | readonly string[],
  { file, firstLine = 1 }: { readonly file: string; readonly firstLine?: number },
): BootLog {
  const reader = new BootLogReader(file);
  if (typeof input === 'string' || input instanceof Uint8Array) {
    eachLine(captureText(input, file), (line, number) => reader.line(line, firstLine + number - 1));
  } else {
    for (const [index, line] of input.entries()) reader.line(line, firstLine + index);
  }
  return reader.finish();
}

/**
 * The boot that describes the machine: the first of a kernel that is no crash kernel, since a crash kernel sees what it was
 * left of memory; or else the first. Undefined if the log says nothing of any.
 */
export function bootOfMachine(log: BootLog): LoggedBoot | undefined {
  const complete = log.boots.filter((boot) => !boot.crashKernel && describesMachine(boot));
  return complete[0] ?? log.boots.find(describesMachine) ?? log.boots[0];
}

function describesMachine(boot: LoggedBoot): boolean {
  return boot.functions.length > 0 || boot.units.length > 0 || boot.e820.length > 0;
}

class BootLogReader {
  readonly #file: string;
  readonly #notes: NoteList;
  readonly #boots: BootDraft[] = [];
  #overlong = 0;
  /** Journals in JSON or for export; all other lines pass through it. */
  readonly #records: LogRecordReader;

  constructor(file: string) {
    this.#file = file;
    this.#notes = new NoteList(file);
    this.#records = new LogRecordReader({
      plain: (line, number) => this.#line(line, number),
      record: ({ message, carrier: { tag }, line }) => {
        if (tag !== undefined && tag !== 'kernel') return;
        for (const piece of message.split('\n')) this.#line(piece, line);
      },
      passedOver: () => undefined,
    });
  }

  line(line: string, number: number): void {
    this.#records.take(line, number);
  }

  #line(line: string, number: number): void {
    if (line.length > MAX_LINE) {
      if (this.#overlong++ === 0) {
        this.#notes.add(`longer than ${MAX_LINE} characters, passed over`, { line: number });
      }
      return;
    }
    if (line === '') return;
    const carried = stripLogCarrier(line);
    if (carried.xen || (carried.tag !== undefined && carried.tag !== 'kernel')) return;
    const { message } = carried;
    this.#read(message.charCodeAt(0) === 0x20 ? message.trimStart() : message, number);
  }

  finish(): BootLog {
    this.#records.finish();
    if (this.#overlong > 1) this.#notes.add(`${this.#overlong} lines were too long and passed over`);
    for (const boot of this.#boots) boot.finish(this.#notes);
    const notes: ImportNote[] = this.#notes.all();
    return { file: this.#file, boots: this.#boots.filter((boot) => !boot.isEmpty), notes };
  }

  #read(message: string, number: number): void {
    if (message.startsWith('Linux version ') && this.#boots.length < MAX_BOOTS) {
      // What stands before (early microcode) belongs to the same boot.
      const last = this.#boots.at(-1);
      if (last === undefined || last.kernelRelease !== undefined)
        this.#boots.push(new BootDraft(this.#file, number));
    }
    let boot = this.#boots.at(-1);
    if (boot === undefined) {
      boot = new BootDraft(this.#file, number);
      this.#boots.push(boot);
    }
    const context = { boot, notes: this.#notes, file: this.#file, line: number };
    if (readPciLine(message, context)) return;
    if (readRemappingLine(message, context)) return;
    if (readMemoryLine(message, context)) return;
    readSystemLine(message, context);
  }
}

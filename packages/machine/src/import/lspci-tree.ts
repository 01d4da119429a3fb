import { UserError } from '@quiesce/simulation';
import { type FunctionPlace, functionName } from '../description/function-name.ts';
import { captureText, eachLine } from './input-limits.ts';
import type { LspciDump, LspciFunction, LspciOptions } from './lspci.ts';
import { readHeading } from './lspci-heading.ts';
import { identifiedFunction } from './lspci-identity-function.ts';
import { markMultiFunction } from './lspci-multi-function.ts';
import { NoteList } from './note-list.ts';

/** A bridge, and the buses that a tree shows behind it. */
export interface LspciTreeBridge {
  /** `0000:00:1c.0` */
  readonly name: string;
  readonly secondary: number;
  readonly subordinate: number;
  readonly line: number;
}

/** What a tree of `lspci -t` shows. Of a function without -nn it says no more than where it is. */
export interface LspciTree extends LspciDump {
  /** Buses that no bridge leads to. */
  readonly roots: readonly { readonly segment: number; readonly bus: number; readonly line: number }[];
  readonly bridges: readonly LspciTreeBridge[];
}

/**
 * Reads the tree of `lspci -t`, with any of -v, -n, -nn.
 * @throws UserError `LSPCI_EMPTY`, `INPUT_TOO_LARGE`
 */
export function parseLspciTree(input: string | Uint8Array, { file, firstLine = 1 }: LspciOptions): LspciTree {
  const reader = new TreeReader(file);
  eachLine(captureText(input, file), (line, number) => reader.line(line, number + firstLine - 1));
  return reader.finish();
}

/** A bus that functions hang from; undefined is the level above all buses. */
type Level = { readonly segment: number; readonly bus: number } | undefined;

const LONGEST = 2000;
const MAX_FUNCTIONS = 16_384;
const buses = /\[(?:([0-9a-f]{4,8}):)?([0-9a-f]{2})(?:-(?:[0-9a-f]{4,8}:)?([0-9a-f]{2}))?\]/y;
const device = /([01][0-9a-f])\.([0-7])/y;

class TreeReader {
  readonly #file: string;
  readonly #notes: NoteList;
  readonly #functions = new Map<string, LspciFunction>();
  readonly #roots: { segment: number; bus: number; line: number }[] = [];
  readonly #bridges = new Map<string, LspciTreeBridge>();
  /** What hangs from the branch that goes down in a column. */
  readonly #branches = new Map<number, Level>();

  constructor(file: string) {
    this.#file = file;
    this.#notes = new NoteList(file);
  }

  line(raw: string, number: number): void {
    const line = raw.replace(/^(?:> ?)+/, '');
    if (line.trim() === '') return;
    const start = line.search(/[^ |]/);
    const first = line.charAt(start);
    const known = first === '-' || this.#branches.has(start);
    if (line.length > LONGEST || !'-+\\'.includes(first) || !known) {
      if (/^(?:\/\S+\/)?lspci /.test(line)) return;
      const shown = JSON.stringify(line.slice(0, 60));
      const why =
        '+\\'.includes(first) && first !== '' ? 'a branch that hangs from nothing' : 'not a line of a tree';
      this.#notes.add(`${why}, passed over: ${shown}`, { line: number });
      return;
    }
    if (first === '-') this.#branches.clear();
    this.#branch(line, start, number);
  }

  finish(): LspciTree {
    if (this.#functions.size === 0 && this.#roots.length === 0) {
      throw new UserError('LSPCI_EMPTY', 'no tree of PCI functions was found', {
        expected: 'the text of lspci -t, with lines such as "-[0000:00]-+-00.0"',
        place: { file: this.#file },
      });
    }
    const functions = [...this.#functions.values()];
    markMultiFunction(functions);
    return {
      functions,
      verbose: false,
      roots: this.#roots,
      bridges: [...this.#bridges.values()],
      notes: this.#notes.all(),
    };
  }

  /** One line from where it leaves the branches that go by. */
  #branch(line: string, start: number, number: number): void {
    let level: Level = line.charAt(start) === '-' ? undefined : this.#branches.get(start);
    let at = start + 1;
    let above: FunctionPlace | undefined;
    while (at < line.length) {
      const char = line.charAt(at);
      if (char === '-') at++;
      else if (char === '+') this.#branches.set(at++, level);
      else if (char === '[') {
        buses.lastIndex = at;
        const match = buses.exec(line);
        if (match === null) break;
        at += match[0].length;
        level = this.#descend(match, above ?? level, above, number);
        above = undefined;
      } else {
        device.lastIndex = at;
        const match = device.exec(line);
        if (match === null || level === undefined) break;
        at += match[0].length;
        above = {
          ...level,
          device: Number.parseInt(match[1] as string, 16),
          fn: Number(match[2]),
        };
        if (line.charAt(at) !== '-') {
          this.#function(above, line.slice(at).trim(), number);
          return;
        }
      }
    }
    if (at < line.length) {
      const shown = JSON.stringify(line.slice(at, at + 40));
      this.#notes.add(`the rest of a line of the tree is passed over: ${shown}`, { line: number });
      if (above !== undefined) this.#function(above, '', number);
    } else if (above !== undefined) this.#function(above, '', number);
  }

  #descend(
    match: RegExpExecArray,
    from: { readonly segment: number } | undefined,
    bridge: FunctionPlace | undefined,
    line: number,
  ): Level {
    const segment = match[1] === undefined ? (from?.segment ?? 0) : Number.parseInt(match[1], 16);
    const bus = Number.parseInt(match[2] as string, 16);
    if (bridge === undefined) {
      const known = this.#roots.some((one) => one.segment === segment && one.bus === bus);
      if (!known && this.#roots.length < MAX_FUNCTIONS) this.#roots.push({ segment, bus, line });
      return { segment, bus };
    }
    const last = match[3] === undefined ? bus : Number.parseInt(match[3], 16);
    const name = functionName(bridge);
    if (last < bus) {
      this.#notes.add(`${name} leads to buses ${match[2]} to ${match[3]}, which is no range`, { line });
    } else if (!this.#bridges.has(name)) {
      this.#bridges.set(name, { name, secondary: bus, subordinate: last, line });
    }
    this.#function(bridge, '', line, last < bus ? undefined : { secondary: bus, subordinate: last });
    return { segment, bus };
  }

  #function(
    place: FunctionPlace,
    label: string,
    line: number,
    behind?: { readonly secondary: number; readonly subordinate: number },
  ): void {
    const name = functionName(place);
    if (this.#functions.has(name)) {
      this.#notes.add(`${name} stands in the tree again; the first is used`, { line });
      return;
    }
    if (this.#functions.size >= MAX_FUNCTIONS) {
      this.#notes.add(`${name} is passed over: more than ${MAX_FUNCTIONS} functions`, { line });
      return;
    }
    const { classCode: _, revision: __, ...identity } = readHeading(label);
    const one = identifiedFunction({
      place,
      label,
      line,
      identity,
      ...(behind === undefined
        ? {}
        : {
            more: (space) => {
              // A bridge to CardBus looks the same here.
              space.assume(0x0e, 1, 1, 0x7f);
              space.assume(0x0a, 2, 0x0604, 0xffff);
              space.put(0x18, 1, place.bus, 0xff, line);
              space.put(0x19, 1, behind.secondary, 0xff, line);
              space.put(0x1a, 1, behind.subordinate, 0xff, line);
            },
          }),
    });
    this.#functions.set(name, one);
  }
}

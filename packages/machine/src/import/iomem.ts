import { ADDRESS_LIMIT, UserError } from '@quiesce/simulation';
import type { ImportNote } from '../description/machine.ts';
import { captureText, eachLine } from './input-limits.ts';
import { NoteList } from './note-list.ts';

/** A line of `/proc/iomem` with the lines nested in it. */
export interface IomemRegion {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly label: string;
  readonly line: number;
  readonly children: readonly IomemRegion[];
}

/** What `/proc/iomem` holds. */
export interface Iomem {
  /** Top-level regions. */
  readonly regions: readonly IomemRegion[];
  /** False if all addresses are zero, as the kernel shows them to ordinary users. */
  readonly readable: boolean;
  readonly notes: readonly ImportNote[];
}

interface OpenRegion extends IomemRegion {
  readonly indent: number;
  readonly children: OpenRegion[];
}

/** The largest servers have some thousands. */
const MAX_LINES = 8192;
const entry = /^( *)([0-9a-f]{1,16})-([0-9a-f]{1,16}) : (.*)$/;

/**
 * Reads `/proc/iomem` as root sees it; nesting is kept. With all addresses zero (read without privilege) the
 * result has no regions and a note. Lines that cannot be are noted and passed over.
 * @throws UserError `IOMEM_EMPTY` if no line is one of /proc/iomem
 */
export function parseIomem(input: string | Uint8Array, { file }: { readonly file: string }): Iomem {
  const notes = new NoteList(file);
  const top: OpenRegion[] = [];
  const path: OpenRegion[] = [];
  let lines = 0;
  let zero = 0;
  eachLine(captureText(input, file), (text, number) => {
    // A mail's quoting; blanks behind it are the nesting.
    const line = text.charCodeAt(0) === 62 ? text.replace(/^(?:> ?)+/, '') : text;
    if (line.trim() === '') return;
    const match = entry.exec(line);
    if (match === null) {
      notes.add(`not a line of /proc/iomem, passed over: ${JSON.stringify(line.slice(0, 60))}`, {
        line: number,
      });
      return;
    }
    if (++lines > MAX_LINES) {
      if (lines === MAX_LINES + 1) {
        notes.add(`there are more than ${MAX_LINES} regions: those from here on are not read`, {
          line: number,
        });
      }
      return;
    }
    const region = regionOf(match, number);
    if (region === undefined) {
      zero++;
      return;
    }
    if (region.end <= region.start) {
      notes.add(`region ${region.label} ends before it starts and is left out`, { line: number });
      return;
    }
    if (region.end > ADDRESS_LIMIT) {
      notes.add(`region ${region.label} reaches beyond 52 address bits and is left out`, { line: number });
      return;
    }
    while (path.length > 0 && (path.at(-1) as OpenRegion).indent >= region.indent) path.pop();
    const parent = path.at(-1);
    if (parent !== undefined && (region.start < parent.start || region.end > parent.end)) {
      notes.add(`region ${region.label} reaches beyond ${parent.label}, in which it stands`, {
        line: number,
      });
    }
    (parent?.children ?? top).push(region);
    path.push(region);
  });
  if (lines === 0) {
    throw new UserError('IOMEM_EMPTY', 'no line of /proc/iomem was found', {
      expected: 'lines such as "00100000-3ffd5fff : System RAM"',
      place: { file },
    });
  }
  const readable = zero < Math.min(lines, MAX_LINES);
  if (!readable) notes.add('all addresses are zero: /proc/iomem was read without privilege, and is not used');
  else if (zero > 0) notes.add(`${zero} regions without addresses are left out`);
  return { regions: top, readable, notes: notes.all() };
}

function regionOf(match: RegExpExecArray, line: number): OpenRegion | undefined {
  const start = Number.parseInt(match[2] as string, 16);
  const last = Number.parseInt(match[3] as string, 16);
  if (start === 0 && last === 0) return undefined;
  // Deeper than any kernel prints; bounds the depth of what is built.
  const indent = Math.min((match[1] as string).length, 64);
  return { start, end: last + 1, label: match[4] as string, line, children: [], indent };
}

/** Calls `visit` for each region, parents before what is nested in them. */
export function eachRegion(
  regions: readonly IomemRegion[],
  visit: (region: IomemRegion, parent: IomemRegion | undefined) => void,
  parent?: IomemRegion,
): void {
  for (const region of regions) {
    visit(region, parent);
    eachRegion(region.children, visit, region);
  }
}

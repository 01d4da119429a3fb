import type { ImportNote } from '../description/machine.ts';
import { NoteList } from '../import/note-list.ts';
import type { BundledFile, CaptureBundle } from './capture-bundle.ts';
import type { UnreadFile } from './captured-file.ts';

/** What can be read of a damaged bundle. */
export interface SalvagedBundle
  extends Pick<CaptureBundle, 'tool' | 'taken' | 'privileged' | 'files' | 'unread'> {
  readonly notes: readonly ImportNote[];
}

const HEAD = 4096;
const MAX_FILES = 200_000;
/** Each file of a bundle begins so; within a string, quotes have backslashes. */
const FILE_START = /\{\s{0,16}"path"\s{0,4}:/g;
/** Closing brackets of the bundle behind its last file. */
const BRACES_BEHIND = 3;

/**
 * Reads those files of a bundle that are sound, where the text as a whole is no JSON or not as the schema says: it was cut,
 * lines of it were wrapped or lost, or something else was written into it. What cannot be read is noted with its line.
 * @returns undefined if it is of another schema, or nothing of it can be read
 */
export function salvageBundle(text: string, file: string): SalvagedBundle | undefined {
  const head = text.slice(0, HEAD);
  if (stringOf(head, 'schema') !== 'quiesce/capture/1') return undefined;
  const notes = new NoteList(file);
  const files: BundledFile[] = [];
  const unread: UnreadFile[] = [];
  const starts: number[] = [];
  for (const match of text.matchAll(FILE_START)) if (starts.push(match.index) >= MAX_FILES) break;
  let [line, counted] = [1, 0];
  for (const [index, start] of starts.entries()) {
    for (; counted < start; counted++) if (text.charCodeAt(counted) === 10) line++;
    const slice = text.slice(start, starts[index + 1]);
    const found = entryOf(slice);
    if (found === undefined) {
      const [, path] = /"path"\s{0,4}:\s{0,4}"([^"\\\n]{1,200})"/.exec(slice) ?? [];
      notes.add(`${path ?? 'a file'} is damaged in the capture: it is not used`, { line });
    } else if ('reason' in found) unread.push(found);
    else files.push(found);
  }
  if (files.length === 0) return undefined;
  return {
    tool: stringOf(head, 'tool') ?? 'an unknown program',
    taken: stringOf(head, 'taken') ?? 'at an unknown time',
    privileged: /"privileged"\s{0,4}:\s{0,4}true/.test(head),
    files,
    unread,
    notes: notes.all(),
  };
}

/** The object that a piece of text begins with. Line breaks that somebody put into digits are taken out. */
function entryOf(piece: string): BundledFile | UnreadFile | undefined {
  let end = piece.length;
  for (let tries = 0; tries < BRACES_BEHIND; tries++) {
    end = piece.lastIndexOf('}', end - 1);
    if (end < 0) return undefined;
    const text = piece.slice(0, end + 1);
    const entry = checked(parsed(text)) ?? wrappedDigits(text);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

function wrappedDigits(text: string): BundledFile | undefined {
  const entry = checked(parsed(text.replace(/\r?\n[ \t>]*/g, '')));
  return entry !== undefined && 'hex' in entry ? entry : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function checked(value: unknown): BundledFile | UnreadFile | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { path, text, hex, link, reason } = value as Record<string, unknown>;
  if (typeof path !== 'string' || path === '') return undefined;
  if ([text, hex, link, reason].filter((one) => one !== undefined).length !== 1) return undefined;
  if (typeof text === 'string') return { path, text };
  if (typeof link === 'string') return { path, link };
  if (typeof reason === 'string') return { path, reason };
  const isBytes = typeof hex === 'string' && hex.length % 2 === 0 && /^[0-9a-f]*$/i.test(hex);
  return isBytes ? { path, hex } : undefined;
}

function stringOf(head: string, name: string): string | undefined {
  return new RegExp(`"${name}"\\s{0,4}:\\s{0,4}"([^"\\\\\\n]{1,100})"`).exec(head)?.[1];
}

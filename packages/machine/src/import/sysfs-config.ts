import type { CapturedFile } from '../capture/captured-file.ts';
import { captureText } from './input-limits.ts';
import type { NoteList } from './note-list.ts';

/** Config space of a function in `/sys`. */
export interface SysfsConfig {
  readonly bytes: Uint8Array;
  readonly missing: readonly { readonly start: number; readonly end: number }[];
  /** Where it stands. */
  readonly file: string;
}

/** What an ordinary user may read of a config space. */
const HEADER_BYTES = 64;
/** Lower byte of the Status register, its bit Capabilities List, and Capabilities Pointer (PCI 3.0, 6.2.3, 6.7). */
const STATUS = 0x06;
const CAPABILITY_LIST = 0x10;
const FIRST_CAPABILITY = 0x34;

/** Attributes with an identity that also ordinary users may read, by offset and width in config space. */
const identities: readonly (readonly [attribute: string, offset: number, bytes: number])[] = [
  ['vendor', 0x00, 2],
  ['device', 0x02, 2],
  ['revision', 0x08, 1],
  ['class', 0x09, 3],
  ['subsystem_vendor', 0x2c, 2],
  ['subsystem_device', 0x2e, 2],
];

/**
 * The config space from the file `config`, or its identity from `vendor`, `device`, `class` and their like where that is
 * missing. Undefined if neither says anything.
 */
export function sysfsConfig(
  name: string,
  files: ReadonlyMap<string, CapturedFile>,
  notes: NoteList,
): SysfsConfig | undefined {
  const config = files.get('config');
  const content = config?.content;
  if (config !== undefined && typeof content === 'string' && content !== '') {
    notes.add('it came as text, which spoils its bytes, and is not used', { file: config.path });
  } else if (config !== undefined && content instanceof Uint8Array && content.length > 0) {
    const { length } = content;
    if (isHeaderAlone(content)) {
      const message =
        'it has a capability list, and nothing but zeros behind byte 64: read without privilege';
      notes.add(message, { file: config.path });
      return { bytes: content.slice(0, HEADER_BYTES), missing: [], file: config.path };
    }
    if (length === 64 || length === 256 || length === 4096) {
      return { bytes: content.slice(), missing: [], file: config.path };
    }
    const size = length < 64 ? 64 : length < 256 ? 256 : 4096;
    const bytes = new Uint8Array(size);
    bytes.set(content.subarray(0, size));
    notes.add(`it has ${length} bytes, where 64, 256 or 4096 are usual`, { file: config.path });
    const missing = length < size ? [{ start: length, end: size }] : [];
    return { bytes, missing, file: config.path };
  }
  return identityOf(name, files, notes);
}

/** An archive of `/sys` that an ordinary user made: tar fills what it may not read with zeros, up to the file's size. */
function isHeaderAlone(bytes: Uint8Array): boolean {
  const hasList =
    ((bytes[STATUS] ?? 0) & CAPABILITY_LIST) !== 0 && (bytes[FIRST_CAPABILITY] ?? 0) >= HEADER_BYTES;
  return hasList && bytes.length > HEADER_BYTES && bytes.subarray(HEADER_BYTES).every((byte) => byte === 0);
}

function identityOf(
  name: string,
  files: ReadonlyMap<string, CapturedFile>,
  notes: NoteList,
): SysfsConfig | undefined {
  const bytes = new Uint8Array(64);
  const known = new Uint8Array(64);
  let from: string | undefined;
  for (const [attribute, offset, width] of identities) {
    const file = files.get(attribute);
    if (file === undefined) continue;
    const match = /^0x([0-9a-f]{1,8})\s*$/.exec(captureText(file.content.slice(0, 64), file.path));
    if (match === null) {
      notes.add('it is no number', { file: file.path });
      continue;
    }
    let value = Number.parseInt(match[1] as string, 16);
    for (let i = 0; i < width; i++) {
      bytes[offset + i] = value & 0xff;
      known[offset + i] = 1;
      value = Math.floor(value / 256);
    }
    from ??= file.path;
  }
  if (from === undefined || known[0] === 0 || known[2] === 0) return undefined;
  notes.add(`${name} has no config space here: its identity alone is known`, { file: from });
  return { bytes, missing: rangesWhere(known, 0), file: from };
}

/** Ranges of bytes that have this value; `end` is exclusive. */
export function rangesWhere(bytes: Uint8Array, value: number): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== value) {
      at++;
      continue;
    }
    const start = at;
    while (at < bytes.length && bytes[at] === value) at++;
    ranges.push({ start, end: at });
  }
  return ranges;
}

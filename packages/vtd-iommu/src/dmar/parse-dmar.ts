import { UserError } from '@quiesce/simulation';
import { ByteWindow } from './byte-window.ts';
import {
  DMAR_HEADER_BYTES,
  DMAR_LIMIT_BYTES,
  type Dmar,
  type DmarNote,
  type DmarStructure,
} from './dmar-table.ts';
import { inspectStructures } from './inspect-structures.ts';
import { asBytes, parseStructure } from './parse-structure.ts';

/** How a table is read. */
export interface ParseDmarOptions {
  /** Name for messages. */
  readonly file?: string;
  /**
   * What to do with structures and scopes whose lengths cannot be right, and with units at one place: refuse the table, the
   * default, or keep what is sound, the rest as bytes, each with a note. Units at places where none can be are read by default.
   */
  readonly damaged?: 'refuse' | 'keep';
}

/**
 * Reads an ACPI DMAR table (VT-d chapter 8). What a real machine's table has in it that is not as specified, but can
 * be read, becomes a note. {@link buildDmar} gives the same bytes again.
 * @throws UserError `DMAR_SIGNATURE`, `DMAR_TRUNCATED`, `DMAR_LENGTH`, `DMAR_SCOPE`, `DMAR_OVERLAP`, `DMAR_TOO_LARGE`,
 * each with the byte offset; if damage is kept, only the first two, of a file that is no table at all
 */
export function parseDmar(bytes: Uint8Array, options: ParseDmarOptions = {}): Dmar {
  const window = new ByteWindow(bytes, 0, options.file, options.damaged === 'keep');
  const signature = window.text(0, 4);
  if (signature !== 'DMAR') {
    const found = bytes.length === 0 ? 'an empty file' : `signature ${JSON.stringify(signature)}`;
    window.fail('DMAR_SIGNATURE', 0, `${found} is no DMAR table`, 'signature "DMAR"');
  }
  if (bytes.length < DMAR_HEADER_BYTES) {
    window.fail('DMAR_TRUNCATED', bytes.length, `${bytes.length} bytes`, `${DMAR_HEADER_BYTES} or more`);
  }
  const notes: DmarNote[] = [];
  const length = tableLength(window, notes);
  checkSum(window, length, notes);
  const { structures, remainder } = parseStructures(window.part(0, length), notes);
  const sound = inspectStructures(structures, window, notes);
  const reserved = window.copy(38, 48);
  if (bytes.length > length) {
    const message = `${bytes.length - length} bytes behind the end of the table`;
    notes.push({ code: 'TRAILING_BYTES', offset: length, message });
  }
  return {
    revision: window.u8(8),
    checksum: window.u8(9),
    oemId: window.text(10, 16),
    oemTableId: window.text(16, 24),
    oemRevision: window.u32(24),
    creatorId: window.text(28, 32),
    creatorRevision: window.u32(32),
    hostAddressWidth: window.u8(36),
    flags: window.u8(37),
    ...(reserved.some((byte) => byte !== 0) ? { reserved } : {}),
    structures: sound,
    ...(window.u32(4) === length ? {} : { statedLength: window.u32(4) }),
    ...(remainder === undefined ? {} : { remainder }),
    ...(bytes.length > length
      ? { trailing: window.copy(length, Math.min(bytes.length, DMAR_LIMIT_BYTES)) }
      : {}),
    notes,
  };
}

/** The length that the header says; of a damaged table that of the file, if the header's cannot be. */
function tableLength(window: ByteWindow, notes: DmarNote[]): number {
  const length = window.u32(4);
  const available = Math.min(window.length, DMAR_LIMIT_BYTES);
  if (length >= DMAR_HEADER_BYTES && length <= available) return length;
  if (window.keepsDamage) {
    const message = `the table says that it has ${length} bytes; the ${available} bytes of the file are read`;
    notes.push({ code: 'LENGTH', offset: 4, message });
    return available;
  }
  if (length < DMAR_HEADER_BYTES) {
    window.fail('DMAR_LENGTH', 4, `table length ${length}`, `${DMAR_HEADER_BYTES} or more`);
  }
  if (length > DMAR_LIMIT_BYTES) {
    window.fail('DMAR_TOO_LARGE', 4, `table length ${length}`, `${DMAR_LIMIT_BYTES} or less`);
  }
  const message = `the table ends after ${window.length} bytes`;
  window.fail('DMAR_TRUNCATED', window.length, message, `${length} bytes`);
}

function parseStructures(
  window: ByteWindow,
  notes: DmarNote[],
): { readonly structures: DmarStructure[]; readonly remainder?: Uint8Array } {
  const structures: DmarStructure[] = [];
  let at = DMAR_HEADER_BYTES;
  while (at < window.length) {
    const wrong = wrongLength(window, at);
    if (wrong !== undefined) {
      if (!window.keepsDamage) window.fail(wrong.code, wrong.offset, wrong.message, wrong.expected);
      const left = `; ${window.length - at} bytes from 0x${at.toString(16)} on are not read`;
      notes.push({ code: 'LENGTH', offset: wrong.offset, message: wrong.message + left });
      return { structures, remainder: window.copy(at) };
    }
    const length = window.u16(at + 2);
    structures.push(structureIn(window.part(at, at + length), notes));
    at += length;
  }
  return { structures };
}

/** Of a damaged table a structure that is too short for its type is kept as bytes. */
function structureIn(window: ByteWindow, notes: DmarNote[]): DmarStructure {
  if (!window.keepsDamage) return parseStructure(window, notes);
  try {
    return parseStructure(window, notes);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { offset = window.offset } = error.place;
    notes.push({
      code: 'LENGTH',
      offset,
      message: `structure of ${window.length} bytes is too short for its type`,
    });
    return asBytes(window);
  }
}

interface WrongLength {
  readonly code: string;
  readonly offset: number;
  readonly message: string;
  readonly expected: string;
}

function wrongLength(window: ByteWindow, at: number): WrongLength | undefined {
  const left = window.length - at;
  if (left < 4) {
    const message = `${left} bytes left for a structure`;
    return { code: 'DMAR_TRUNCATED', offset: at, message, expected: '4 or more' };
  }
  const length = window.u16(at + 2);
  const wrong = { code: 'DMAR_LENGTH', offset: at + 2 };
  // A length of 0 would have us read the same structure for ever.
  if (length < 4) return { ...wrong, message: `structure of ${length} bytes`, expected: '4 or more' };
  if (length <= left) return undefined;
  const message = `structure of ${length} bytes runs past the end of the table`;
  return { ...wrong, message, expected: `${left} or less` };
}

function checkSum(window: ByteWindow, length: number, notes: DmarNote[]): void {
  let sum = 0;
  for (let i = 0; i < length; i++) sum = (sum + (window.bytes[i] as number)) & 0xff;
  if (sum === 0) return;
  const right = (window.u8(9) - sum) & 0xff;
  notes.push({
    code: 'CHECKSUM',
    offset: 9,
    message: `checksum is 0x${hex2(window.u8(9))}, and would be 0x${hex2(right)}`,
  });
}

function hex2(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

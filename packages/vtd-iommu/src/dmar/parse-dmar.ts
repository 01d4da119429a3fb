import { ByteWindow } from './byte-window.ts';
import {
  DMAR_HEADER_BYTES,
  DMAR_LIMIT_BYTES,
  type Dmar,
  type DmarNote,
  type DmarStructure,
} from './dmar-table.ts';
import { inspectStructures } from './inspect-structures.ts';
import { parseStructure } from './parse-structure.ts';

/**
 * Reads an ACPI DMAR table (VT-d chapter 8). What a real machine's table has in it that is not as specified, but can
 * be read, becomes a note. {@link buildDmar} gives the same bytes again.
 * @param options.file name for messages
 * @throws UserError `DMAR_SIGNATURE`, `DMAR_TRUNCATED`, `DMAR_LENGTH`, `DMAR_SCOPE`, `DMAR_OVERLAP`, `DMAR_TOO_LARGE`,
 * each with the byte offset
 */
export function parseDmar(bytes: Uint8Array, options: { readonly file?: string } = {}): Dmar {
  const window = new ByteWindow(bytes, 0, options.file);
  const signature = window.text(0, 4);
  if (signature !== 'DMAR') {
    const found = bytes.length === 0 ? 'an empty file' : `signature ${JSON.stringify(signature)}`;
    window.fail('DMAR_SIGNATURE', 0, `${found} is no DMAR table`, 'signature "DMAR"');
  }
  if (bytes.length < DMAR_HEADER_BYTES) {
    window.fail('DMAR_TRUNCATED', bytes.length, `${bytes.length} bytes`, `${DMAR_HEADER_BYTES} or more`);
  }
  const length = window.u32(4);
  if (length < DMAR_HEADER_BYTES) {
    window.fail('DMAR_LENGTH', 4, `table length ${length}`, `${DMAR_HEADER_BYTES} or more`);
  }
  if (length > DMAR_LIMIT_BYTES) {
    window.fail('DMAR_TOO_LARGE', 4, `table length ${length}`, `${DMAR_LIMIT_BYTES} or less`);
  }
  if (length > bytes.length) {
    window.fail(
      'DMAR_TRUNCATED',
      bytes.length,
      `the table ends after ${bytes.length} bytes`,
      `${length} bytes`,
    );
  }
  const notes: DmarNote[] = [];
  checkSum(window, length, notes);
  const structures = parseStructures(window.part(0, length), notes);
  inspectStructures(structures, window, notes);
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
    structures,
    ...(bytes.length > length
      ? { trailing: window.copy(length, Math.min(bytes.length, DMAR_LIMIT_BYTES)) }
      : {}),
    notes,
  };
}

function parseStructures(window: ByteWindow, notes: DmarNote[]): DmarStructure[] {
  const structures: DmarStructure[] = [];
  let at = DMAR_HEADER_BYTES;
  while (at < window.length) {
    if (window.length - at < 4) {
      window.fail('DMAR_TRUNCATED', at, `${window.length - at} bytes left for a structure`, '4 or more');
    }
    const length = window.u16(at + 2);
    // A length of 0 would have us read the same structure for ever.
    if (length < 4) window.fail('DMAR_LENGTH', at + 2, `structure of ${length} bytes`, '4 or more');
    if (at + length > window.length) {
      window.fail(
        'DMAR_LENGTH',
        at + 2,
        `structure of ${length} bytes runs past the end of the table`,
        `${window.length - at} or less`,
      );
    }
    structures.push(parseStructure(window.part(at, at + length), notes));
    at += length;
  }
  return structures;
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

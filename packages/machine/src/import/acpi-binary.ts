import { UserError } from '@quiesce/simulation';
import { type AcpiTable, HEADER_BYTES } from './acpi-table-bytes.ts';
import type { NoteList } from './note-list.ts';

/** More tables than these are in no machine. */
const MAX_TABLES = 4096;
const FACS_BYTES = 64;
/** Above the highest byte of a length: 256 MiB are more than any table has, and characters would come to more. */
const HIGHEST_OF_LENGTH = 0x10;

/** The bytes begin with the header of a table, and not with the text of acpidump, which has ` @ 0x…` behind the signature. */
export function isBinaryTable(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES || signatureAt(bytes, 0) === undefined) return false;
  if (bytes[4] === 0x20 && bytes[5] === 0x40) return false;
  const highest = bytes[7] as number;
  const isLength = highest < HIGHEST_OF_LENGTH && highest !== 0x09 && highest !== 0x0a && highest !== 0x0d;
  // Where the length lies: revisions and the creator's version have zeros, text has none.
  return isLength || bytes.subarray(4, HEADER_BYTES).includes(0);
}

/**
 * The tables of a binary file, one or several behind each other. A table whose length lies is kept as far as the file goes.
 * @throws UserError `ACPI_LENGTH` if the first table is shorter than a header
 */
export function tablesOfBytes(bytes: Uint8Array, file: string, notes: NoteList): AcpiTable[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const tables: AcpiTable[] = [];
  let at = 0;
  while (at + 8 <= bytes.length) {
    const signature = signatureAt(bytes, at);
    if (signature === undefined || tables.length >= MAX_TABLES) break;
    const length = view.getUint32(at + 4, true);
    const least = signature === 'FACS' ? FACS_BYTES : HEADER_BYTES;
    if (length < least) {
      const message = `table ${signature} says that it has ${length} bytes`;
      if (at === 0) {
        const expected = `${least} .. ${bytes.length}, the size of the file`;
        throw new UserError('ACPI_LENGTH', message, { expected, place: { file, offset: 4 } });
      }
      notes.add(`${message}; it and what follows it are left out`, { offset: at + 4 });
      return tables;
    }
    if (at + length > bytes.length) {
      const message = `table ${signature} is cut short: ${bytes.length - at} of ${length} bytes`;
      notes.add(message, { offset: at + 4 });
    }
    const table = bytes.slice(at, Math.min(at + length, bytes.length));
    tables.push({ signature, bytes: table, ...(at === 0 ? {} : { offset: at }) });
    at += length;
  }
  if (at < bytes.length) {
    // A table that was read from a device may be filled up with zeros.
    const rest = bytes.subarray(at);
    const what = rest.every((byte) => byte === 0) ? 'zeros' : 'bytes that are no table';
    notes.add(`${rest.length} ${what} stand behind the last table and are not used`, { offset: at });
  }
  return tables;
}

/** Four characters of a signature: upper-case letters, digits, `_` and `!`. */
export function signatureAt(bytes: Uint8Array, at: number): string | undefined {
  for (let i = at; i < at + 4; i++) {
    const code = bytes[i] ?? 0;
    const isSignature =
      (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95 || code === 33;
    if (!isSignature) return undefined;
  }
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

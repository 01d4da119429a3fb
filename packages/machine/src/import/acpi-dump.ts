import { UserError } from '@quiesce/simulation';
import type { ImportNote } from '../description/machine.ts';
import { isBinaryTable, tablesOfBytes } from './acpi-binary.ts';
import { HexdumpReader, isHexRow } from './acpi-hexdump.ts';
import type { AcpiTable } from './acpi-table-bytes.ts';
import { AcpiTextReader, isAcpiHeading } from './acpi-text.ts';
import { IaslReader, isIaslField } from './iasl-text.ts';
import { assertInputSize, captureText, eachLine } from './input-limits.ts';
import { stripCarrier } from './lspci-row.ts';
import { NoteList } from './note-list.ts';

export type { AcpiTable } from './acpi-table-bytes.ts';

/** The tables of an ACPI dump. */
export interface AcpiDump {
  readonly tables: readonly AcpiTable[];
  readonly notes: readonly ImportNote[];
}

/** A text says what it is within this many lines; reports put their headings before. */
const LINES_LOOKED_AT = 20_000;

/**
 * Reads ACPI tables in any form in which people keep them: the text of `acpidump`, tables that `iasl -d` took apart, a dump of
 * `xxd`, `hexdump -C` or `od`, a binary table (`/sys/firmware/acpi/tables/DMAR`, `acpidump -b`, `acpixtract`), or several binary
 * tables behind each other.
 * @throws UserError `ACPI_EMPTY` if there is no table, `ACPI_LENGTH` if a binary table is shorter than its header,
 * `INPUT_TOO_LARGE`
 */
export function parseAcpiDump(input: string | Uint8Array, { file }: { readonly file: string }): AcpiDump {
  assertInputSize(input.length, file);
  const notes = new NoteList(file);
  if (typeof input !== 'string' && isBinaryTable(input))
    return { tables: tablesOfBytes(input, file, notes), notes: notes.all() };
  const tables = tablesOfText(captureText(input, file), file, notes);
  if (tables.length === 0) {
    throw new UserError('ACPI_EMPTY', 'no ACPI table was found', {
      expected:
        'the text of acpidump, with lines such as "DMAR @ 0x…", the output of iasl -d, or a binary table',
      place: { file },
    });
  }
  return { tables, notes: notes.all() };
}

/** The first table of this signature. */
export function acpiTable(dump: AcpiDump, signature: string): AcpiTable | undefined {
  return dump.tables.find((one) => one.signature === signature);
}

function tablesOfText(text: string, file: string, notes: NoteList): AcpiTable[] {
  const kind = kindOf(text);
  if (kind === 'hexdump') {
    const reader = new HexdumpReader(notes);
    eachLine(text, (line, number) => reader.line(line, number));
    const read = reader.finish();
    if (read === undefined || !isBinaryTable(read.bytes)) return [];
    return tablesOfBytes(read.bytes, file, notes).map((table) => ({ ...table, line: read.line }));
  }
  const reader = kind === 'iasl' ? new IaslReader(notes) : new AcpiTextReader(notes);
  eachLine(text, (line, number) => reader.line(line, number));
  return reader.finish();
}

/** What the first line that is beyond doubt belongs to. */
function kindOf(text: string): 'acpidump' | 'iasl' | 'hexdump' {
  let start = 0;
  for (let lines = 0; lines < LINES_LOOKED_AT && start < text.length; lines++) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = stripCarrier(text.slice(start, Math.min(end, start + 200)));
    if (isAcpiHeading(line)) return 'acpidump';
    if (isIaslField(line)) return 'iasl';
    if (isHexRow(line)) return 'hexdump';
    start = end + 1;
  }
  return 'acpidump';
}

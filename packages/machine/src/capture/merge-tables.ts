import type { AcpiDump, AcpiTable } from '../import/acpi-dump.ts';
import type { ReadSource } from './capture-reader.ts';
import type { CaptureConflict } from './imported-capture.ts';

/** A table, and where it stood. */
export interface PlacedTable {
  readonly table: AcpiTable;
  readonly file: string;
  readonly line?: number;
}

/** Tables of which firmware has several, all in force. */
const many: ReadonlySet<string> = new Set(['SSDT', 'PSDT', 'OEMx']);

/**
 * Tables of all sources, each once. Of two that differ the one with more of its bytes is used, or else the first: binary ones
 * come before text.
 */
export function mergeTables(sources: readonly ReadSource<AcpiDump>[]): {
  readonly tables: readonly PlacedTable[];
  readonly conflicts: readonly CaptureConflict[];
} {
  const placed = sources.flatMap(({ file, line, parsed }) =>
    parsed.tables.map((table): PlacedTable => {
      const at = table.line === undefined ? undefined : table.line + (line ?? 1) - 1;
      return { table, file, ...(at === undefined ? {} : { line: at }) };
    }),
  );
  // Stable: files keep their order within the two groups.
  placed.sort((a, b) => Number(a.line !== undefined) - Number(b.line !== undefined));
  const tables: PlacedTable[] = [];
  const bySignature = new Map<string, PlacedTable>();
  const conflicts: CaptureConflict[] = [];
  for (const one of placed) {
    const { signature } = one.table;
    const before = many.has(signature) ? undefined : bySignature.get(signature);
    if (before === undefined) {
      bySignature.set(signature, one);
      tables.push(one);
    } else if (!equal(before.table.bytes, one.table.bytes)) {
      conflicts.push(conflictOf(before, one));
    }
  }
  return { tables, conflicts };
}

function conflictOf(used: PlacedTable, other: PlacedTable): CaptureConflict {
  const said = [used, other].map(({ table, file, line }) => ({
    value: `${table.signature} of ${table.bytes.length} bytes, checksum ${table.bytes[9] ?? 'missing'}`,
    file,
    ...(line === undefined ? {} : { line }),
  }));
  const { signature } = used.table;
  const what = signature === 'DMAR' ? '/dmar' : `ACPI table ${signature}`;
  return { what, said, used: said[0]?.value ?? '', reason: 'binary before text, then the first' };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

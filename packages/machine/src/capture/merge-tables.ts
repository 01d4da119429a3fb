import { UserError } from '@quiesce/simulation';
import { type Dmar, parseDmar } from '@quiesce/vtd-iommu';
import type { ImportNote } from '../description/machine.ts';
import type { AcpiDump, AcpiTable } from '../import/acpi-dump.ts';
import type { CaptureConflict } from './imported-capture.ts';
import type { ReadSource } from './section-reader.ts';

/** A table, and where it stood. */
export interface PlacedTable {
  readonly table: AcpiTable;
  readonly file: string;
  readonly line?: number;
}

/** Tables of all sources, each once. */
export interface MergedTables {
  readonly tables: readonly PlacedTable[];
  /** The DMAR table among them, if there is one. */
  readonly dmar?: { readonly placed: PlacedTable; readonly parsed: Dmar };
  readonly conflicts: readonly CaptureConflict[];
  readonly notes: readonly ImportNote[];
}

/** Tables of which firmware has several, all in force. */
const many: ReadonlySet<string> = new Set(['SSDT', 'PSDT', 'OEMx']);

/**
 * Tables of all sources, each once. Of two that differ the one with more of its bytes is used, or else the first: binary ones
 * come before text.
 */
export function mergeTables(sources: readonly ReadSource<AcpiDump>[]): MergedTables {
  const placed = sources.flatMap(({ file, line, parsed }) =>
    parsed.tables.map((table): PlacedTable => {
      const at = table.line === undefined ? undefined : table.line + (line ?? 1) - 1;
      return { table, file, ...(at === undefined ? {} : { line: at }) };
    }),
  );
  // Stable: files keep their order within the two groups.
  placed.sort((a, b) => Number(a.line !== undefined) - Number(b.line !== undefined));
  const tables: PlacedTable[] = [];
  const notes: ImportNote[] = [];
  let dmar: MergedTables['dmar'];
  const bySignature = new Map<string, PlacedTable>();
  const conflicts: CaptureConflict[] = [];
  for (const one of placed) {
    const { signature } = one.table;
    if (signature === 'DMAR') {
      const parsed = sound(one, notes);
      if (parsed === undefined) continue;
      dmar ??= { placed: one, parsed };
    }
    const before = many.has(signature) ? undefined : bySignature.get(signature);
    if (before === undefined) {
      bySignature.set(signature, one);
      tables.push(one);
    } else if (!equal(before.table.bytes, one.table.bytes)) {
      conflicts.push(conflictOf(before, one));
    }
  }
  return { tables, ...(dmar === undefined ? {} : { dmar }), conflicts, notes };
}

/** The table as parsed; one that no parser can follow is noted, and not used. */
function sound({ table, file, line }: PlacedTable, notes: ImportNote[]): Dmar | undefined {
  try {
    return parseDmar(table.bytes, { file });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { offset } = error.place;
    notes.push({
      file,
      ...(line === undefined ? {} : { line }),
      ...(offset === undefined ? {} : { offset }),
      message: `the DMAR table is not used: ${error.message}`,
    });
    return undefined;
  }
}

/** What the machine takes from a table. */
const places: Readonly<Record<string, string>> = {
  DMAR: '/dmar',
  IVRS: '/units',
  MCFG: '/rootComplexes',
  APIC: '/processors',
};

function conflictOf(used: PlacedTable, other: PlacedTable): CaptureConflict {
  const said = [used, other].map(({ table, file, line }) => ({
    value: `${table.signature} of ${table.bytes.length} bytes, checksum ${table.bytes[9] ?? 'missing'}`,
    file,
    ...(line === undefined ? {} : { line }),
  }));
  const { signature } = used.table;
  const what = places[signature] ?? `ACPI table ${signature}`;
  return { what, said, used: said[0]?.value ?? '', reason: 'binary before text, then the first' };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

import type { AcpiDump } from '../import/acpi-dump.ts';
import { functionsOfBoot } from '../import/boot-log-functions.ts';
import type { LoggedBoot } from '../import/boot-record.ts';
import type { Iomem } from '../import/iomem.ts';
import { machineOfParts } from '../import/machine-of-parts.ts';
import { sysfsUnits } from '../import/sysfs-units.ts';
import type { UnitRegisters } from '../import/unit-registers.ts';
import { CaptureReader, type CaptureReading, type ReadSource } from './capture-reader.ts';
import type { CapturedFile } from './captured-file.ts';
import { bootsOfMachine } from './choose-boot.ts';
import { dmarConflicts, ecamConflicts, memoryConflicts, unitConflicts } from './firmware-conflicts.ts';
import { agreeOnFunctions } from './function-listings.ts';
import { hostFactsOf } from './host-facts-of.ts';
import type { CaptureConflict, ImportedCapture } from './imported-capture.ts';
import { mergeFunctions } from './merge-all-functions.ts';
import { type MergedTables, mergeTables, type PlacedTable } from './merge-tables.ts';

/**
 * Makes one machine of everything that somebody has of it: dumps of `lspci`, a tree of `/sys`, ACPI tables, `/proc/iomem`, boot
 * logs, reports that hold these as sections, or what `quiesce capture` wrote. Each file is recognised by its path or its content;
 * what is not known is listed among the sources. Bytes go before decoded text, text before a boot log.
 * @throws UserError `MACHINE_BUS`, `MACHINE_BUS_LOOP` if the bridges make no tree, and those of parseDmar
 */
export function importCapture(
  files: readonly CapturedFile[],
  { name }: { readonly name: string },
): ImportedCapture {
  const reader = new CaptureReader();
  for (const file of files) reader.file(file);
  const reading = reader.finish();
  const conflicts: CaptureConflict[] = [];
  const boots = bootsOfMachine(reading.bootLogs);
  const logged = boots[0] === undefined ? [] : functionsOfBoot(boots[0]);
  const ranked = [...reading.functions, ...logged.map((listed) => ({ rank: 'boot-log' as const, listed }))];
  const agreed = agreeOnFunctions(ranked);
  const merged = mergeFunctions(agreed.functions);
  conflicts.push(...agreed.conflicts, ...merged.conflicts);
  const tables = mergeTables(reading.acpi);
  reading.notes.addAll(tables.notes);
  const iomem = reading.iomem.find(({ parsed }) => parsed.readable);
  const unitRegisters = sysfsUnits(reading.sysfsFiles);
  conflicts.push(...tables.conflicts, ...firmwareConflicts(tables, iomem, boots[0], unitRegisters));
  const { host, notes: hostNotes } = hostFactsOf(
    { reading, functions: merged.functions, tables: tables.tables, boots, iomem },
    conflicts,
  );
  reading.notes.addAll(hostNotes);
  const notes = reading.notes.all();
  const acpi: AcpiDump | undefined =
    reading.acpi.length === 0 ? undefined : { tables: tables.tables.map((one) => one.table), notes: [] };
  if (merged.functions.length === 0) return { host, sources: reading.sources, conflicts, notes };
  const machine = machineOfParts(
    {
      functions: merged.functions,
      ...(acpi === undefined ? {} : { acpi }),
      ...(iomem === undefined ? {} : { iomem: iomem.parsed }),
      ...(boots[0] === undefined ? {} : { boot: boots[0] }),
      unitRegisters,
      notes,
      from: kindsOf(reading),
    },
    {
      name,
      files: {
        lspci: merged.functions[0]?.file ?? 'lspci',
        acpi:
          tables.tables.find((one) => one.table.signature === 'DMAR')?.file ??
          reading.acpi[0]?.file ??
          'acpi',
      },
    },
  );
  return { machine, host, sources: reading.sources, conflicts, notes: machine.notes };
}

function firmwareConflicts(
  { tables, dmar }: MergedTables,
  iomem: ReadSource<Iomem> | undefined,
  boot: LoggedBoot | undefined,
  registers: readonly UnitRegisters[],
): CaptureConflict[] {
  const mcfg = tables.find(({ table }) => table.signature === 'MCFG');
  const acpi =
    mcfg === undefined ? undefined : { dump: { tables: [mcfg.table], notes: [] }, place: placeOf(mcfg) };
  return [
    ...(dmar === undefined || boot === undefined
      ? []
      : dmarConflicts(dmar.parsed, placeOf(dmar.placed), boot)),
    ...(boot === undefined ? [] : unitConflicts(registers, boot)),
    ...ecamConflicts(acpi, iomem, boot),
    ...(iomem === undefined || boot === undefined ? [] : memoryConflicts(iomem, boot)),
  ];
}

function placeOf({ file, line }: PlacedTable): { readonly file: string; readonly line?: number } {
  return line === undefined ? { file } : { file, line };
}

function kindsOf(reading: CaptureReading): string[] {
  return [...new Set(reading.sources.map((one) => one.kind).filter((kind) => kind !== 'unknown'))];
}

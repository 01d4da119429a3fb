import { UserError } from '@quiesce/simulation';
import type { AcpiDump } from '../import/acpi-dump.ts';
import { functionsOfBoot } from '../import/boot-log-functions.ts';
import type { LoggedBoot } from '../import/boot-record.ts';
import type { Iomem } from '../import/iomem.ts';
import { type MachineParts, machineOfParts } from '../import/machine-of-parts.ts';
import { sysfsAmdFeatures } from '../import/sysfs-amd-features.ts';
import { sysfsScopes } from '../import/sysfs-unit-scopes.ts';
import { sysfsUnits } from '../import/sysfs-units.ts';
import type { UnitRegisters } from '../import/unit-registers.ts';
import { busEvidence } from './bus-evidence.ts';
import { CaptureReader, type CaptureReading } from './capture-reader.ts';
import type { CapturedFile } from './captured-file.ts';
import { bootsOfMachine } from './choose-boot.ts';
import { dmarConflicts, ecamConflicts, memoryConflicts, unitConflicts } from './firmware-conflicts.ts';
import { agreeOnFunctions } from './function-listings.ts';
import { hostFactsOf } from './host-facts-of.ts';
import type { CaptureConflict, ImportedCapture } from './imported-capture.ts';
import { kernelParameters, parameterName } from './kernel-parameters.ts';
import { mergeFunctions } from './merge-all-functions.ts';
import { ANOTHER_DEVICE, type RankedFunction } from './merge-functions.ts';
import { type MergedTables, mergeTables, type PlacedTable } from './merge-tables.ts';
import type { ReadSource } from './section-reader.ts';
import { onlineProcessors } from './sysfs-fact.ts';
import { treeOfBridges } from './tree-of-bridges.ts';

/** Most conflicts that are listed. */
const MAX_CONFLICTS = 500;

/**
 * Makes one machine of everything that somebody has of it: dumps of `lspci`, a tree of `/sys`, ACPI tables, `/proc/iomem`, boot
 * logs, reports that hold these as sections, or what `quiesce capture` wrote. Each file is recognised by its path or its content;
 * what is not known is listed among the sources. Bytes go before decoded text, text before a boot log.
 * Bridges that cannot lead where they say, or that lead where another does, are put right as far as other evidence goes, and
 * noted.
 * @throws UserError `CAPTURE_MIXED` if the files are of several machines
 */
export function importCapture(
  files: readonly CapturedFile[],
  { name }: { readonly name: string },
): ImportedCapture {
  const reader = new CaptureReader();
  for (const file of files) reader.file(file);
  const reading = reader.finish();
  const boots = bootsOfMachine(reading.bootLogs);
  const agreed = agreeOnFunctions([...reading.functions, ...loggedFunctions(boots[0])]);
  const merged = mergeFunctions(agreed.functions);
  const tables = mergeTables(reading.acpi);
  reading.notes.addAll(tables.notes);
  const iomem = reading.iomem.find(({ parsed }) => parsed.readable);
  for (const other of reading.iomem.filter((one) => one !== iomem && one.parsed.readable)) {
    const message = `another /proc/iomem is used, that of ${iomem?.file}`;
    reading.notes.addAll([
      { file: other.file, ...(other.line === undefined ? {} : { line: other.line }), message },
    ]);
  }
  const scopes = sysfsScopes(reading.sysfsFiles);
  const unitRegisters = sysfsUnits(reading.sysfsFiles, scopes);
  const conflicts = [
    ...agreed.conflicts,
    ...merged.conflicts,
    ...tables.conflicts,
    ...firmwareConflicts(tables, iomem, boots[0], unitRegisters),
  ];
  const { host, notes: hostNotes } = hostFactsOf(
    { reading, functions: merged.functions, tables: tables.tables, boots, iomem },
    conflicts,
  );
  reading.notes.addAll(hostNotes);
  if (conflicts.length > MAX_CONFLICTS) {
    const message = `${conflicts.length - MAX_CONFLICTS} further conflicts are not shown`;
    reading.notes.addAll([{ file: 'capture', message }]);
  }
  const result = { host, sources: reading.sources, conflicts: conflicts.slice(0, MAX_CONFLICTS) };
  const notes = reading.notes.all();
  if (merged.functions.length === 0) return { ...result, notes };
  const acpi: AcpiDump = { tables: tables.tables.map((one) => one.table), notes: [] };
  const processors = onlineProcessors(reading.sysfsFiles);
  const amdFeatures = sysfsAmdFeatures(reading.sysfsFiles);
  const sources = () => busEvidence(agreed.functions, reading.sysfsFiles);
  const { functions, notes: ofBridges, shared } = treeOfBridges(merged.functions, sources);
  const others = conflicts.filter(({ reason }) => reason === ANOTHER_DEVICE);
  // Bridges that make no tree, and other devices at many places, are not of one machine.
  if (shared && others.length > functions.length / 8) throw mixed(others);
  const parts: MachineParts = {
    functions,
    ...(reading.acpi.length === 0 ? {} : { acpi }),
    ...(iomem === undefined ? {} : { iomem: iomem.parsed }),
    ...(boots[0] === undefined ? {} : { boot: boots[0] }),
    unitRegisters,
    directRegions: scopes.direct,
    ...(amdFeatures === undefined ? {} : { amdFeatures }),
    amdFunctions: scopes.functionsOf,
    ...(processors === undefined ? {} : { processors }),
    ...(host.crashKernelBytes === undefined ? {} : { crashKernelBytes: host.crashKernelBytes.value }),
    scalable: isScalable(host.commandLine?.value ?? ''),
    notes: [...notes, ...ofBridges],
    from: kindsOf(reading),
  };
  const table = tables.dmar?.placed.file ?? reading.acpi[0]?.file ?? 'acpi';
  const named = { name, files: { lspci: merged.functions[0]?.file ?? 'lspci', acpi: table } };
  const machine = machineOfParts(parts, named);
  return { ...result, machine, notes: machine.notes };
}

/** `intel_iommu=on,sm_on`; the last of several counts. Kernels that have it on by themselves do not say so anywhere. */
function isScalable(commandLine: string): boolean {
  const words = kernelParameters(commandLine)
    .filter((one) => parameterName(one) === 'intel_iommu')
    .flatMap((one) => one.split(/[=,]/));
  return words.lastIndexOf('sm_on') > words.lastIndexOf('sm_off');
}

function loggedFunctions(boot: LoggedBoot | undefined): RankedFunction[] {
  if (boot === undefined) return [];
  return functionsOfBoot(boot).map((listed) => ({ rank: 'boot-log', listed }));
}

function mixed(other: readonly CaptureConflict[]): UserError {
  const [first, second] = other[0]?.said ?? [];
  const message =
    `these files are of more than one machine: ${other.length} addresses have another device in another file, ` +
    `the first in ${first?.file} and ${second?.file}`;
  return new UserError('CAPTURE_MIXED', message, {
    expected: 'the files of one machine',
    place: { file: second?.file, line: second?.line },
  });
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

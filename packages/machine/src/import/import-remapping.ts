import { UserError } from '@quiesce/simulation';
import {
  buildDmar,
  type Dmar,
  isDamaged,
  parseDmar,
  remappingUnits,
  resolveScopes,
  soundDmar,
} from '@quiesce/vtd-iommu';
import { bytesToHex } from '../build/config-bytes.ts';
import { CapturedTopology } from '../description/captured-topology.ts';
import type { ImportNote, MachineUnit } from '../description/machine.ts';
import { type AcpiDump, acpiTable } from './acpi-dump.ts';
import type { AmdFeatures, LoggedBoot } from './boot-record.ts';
import { importAmdUnits } from './import-amd-units.ts';
import { hex, type InferenceList } from './inference-list.ts';
import type { LspciFunction } from './lspci.ts';
import { madeAmdUnits } from './made-amd-units.ts';
import { madeDmar } from './made-dmar.ts';
import type { ReservedRange } from './memory-regions.ts';
import { ioApicsBehind, noteIoApicsWithoutUnit } from './note-io-apics.ts';
import type { DirectRegion } from './sysfs-unit-scopes.ts';
import { type UnitRegisters, unitRegistersOf } from './unit-registers.ts';

/** A server's unit of 2014 with four levels: what a unit is taken to be if no capture has its registers. */
const usualCapability = '08d2078c106f0466';
const usualExtendedCapability = '0000000000f020de';

/** The DMAR table of a capture and what follows from it. */
export interface ImportedRemapping {
  readonly dmar?: string;
  readonly units: readonly MachineUnit[];
  readonly reserved: readonly ReservedRange[];
}

/** What was read of units beside the table. */
export interface RemappingEvidence {
  readonly acpi?: AcpiDump | undefined;
  readonly boot?: LoggedBoot | undefined;
  /** Registers that a source has, those to be believed first. */
  readonly registers?: readonly UnitRegisters[] | undefined;
  /** Features that `/sys` shows of every AMD unit. */
  readonly amdFeatures?: AmdFeatures | undefined;
  /** Names of functions by name of the unit to which the kernel gave them, `ivhd0`. */
  readonly amdFunctions?: ReadonlyMap<string, readonly string[]> | undefined;
  /** What IOMMU groups reserve. */
  readonly direct?: readonly DirectRegion[] | undefined;
}

/**
 * The units that the DMAR or IVRS table names, or else a boot log or sysfs, with their registers as these have them, or else
 * usual ones. Scopes that lead nowhere are noted, and what of a damaged table could not be read.
 */
export function importRemapping(
  functions: readonly LspciFunction[],
  evidence: RemappingEvidence,
  inferred: InferenceList,
  notes: ImportNote[],
  file: string,
): ImportedRemapping {
  const table = tableOf(evidence, inferred, notes, file);
  const ivrs = evidence.acpi === undefined ? undefined : acpiTable(evidence.acpi, 'IVRS');
  if (table === undefined && ivrs !== undefined) {
    const amd = importAmdUnits(ivrs.bytes, evidence.boot, inferred, notes, file, evidence.amdFeatures);
    noteIoApicsWithoutUnit(evidence.acpi, ioApicsBehind(amd.units), notes, file);
    return amd;
  }
  noteUncaptured(evidence, notes);
  if (table === undefined) {
    const amd = madeAmdUnits(evidence.amdFunctions ?? new Map(), evidence.amdFeatures, inferred);
    if (amd.length > 0) return { units: amd, reserved: [] };
    const message =
      evidence.acpi === undefined
        ? 'no ACPI tables were given'
        : 'there is no DMAR table among the ACPI tables that can be used';
    notes.push({ file, message: `${message}: the machine has no remapping unit` });
    return { units: [], reserved: [] };
  }
  const { dmar, bytes } = table;
  const resolved = resolveScopes(dmar, new CapturedTopology(functions));
  for (const owner of [...resolved.units, ...resolved.reservedMemory]) {
    for (const { scope, missing } of owner.absent) {
      const place = scope.offset === undefined ? {} : { offset: scope.offset };
      notes.push({
        file,
        ...place,
        message: `DMAR: a device scope leads to ${missing}, which does not exist`,
      });
    }
  }
  const registers = [
    ...(evidence.registers ?? []),
    ...(evidence.boot === undefined ? [] : unitRegistersOf(evidence.boot)),
  ];
  const units = remappingUnits(dmar).map(({ segment, registerBase }, index): MachineUnit => {
    const read = registers.find((one) => one.registerBase === registerBase);
    return {
      name: `dmar${index}`,
      architecture: 'vt-d',
      segment,
      registerBase,
      ...(read === undefined ? usualRegisters(index, inferred) : registersOf(read)),
    };
  });
  noteUnknownUnits(units, registers, notes);
  if (table.captured) {
    const behind = resolved.units.flatMap(({ ioApics }) => ioApics.map((one) => one.enumerationId));
    noteIoApicsWithoutUnit(evidence.acpi, behind, notes, file);
  }
  const reserved = resolved.reservedMemory
    .filter(({ base, limit }) => limit > base && limit < 2 ** 52)
    .map(({ base, limit }) => ({ start: base, end: limit + 1 }));
  return { dmar: bytesToHex(bytes), units, reserved };
}

/** Firmware's list of tables, which the kernel prints, names one that nobody captured. */
function noteUncaptured({ acpi, boot }: RemappingEvidence, notes: ImportNote[]): void {
  for (const signature of ['DMAR', 'IVRS']) {
    const listed = boot?.tables.find((one) => one.signature === signature);
    if (listed === undefined || (acpi !== undefined && acpiTable(acpi, signature) !== undefined)) continue;
    const message = `firmware has a table ${signature} of ${listed.bytes} bytes, which is not in the capture`;
    notes.push({ file: boot?.file as string, line: listed.line, message });
  }
}

interface UsableTable {
  readonly dmar: Dmar;
  /** Can be read without leave. */
  readonly bytes: Uint8Array;
  /** Not made of other evidence, so that what it lacks is lacking. */
  readonly captured: boolean;
}

/** The captured table, its sound parts if it is damaged, or else one that is made of what a boot log and `/sys` say. */
function tableOf(
  evidence: RemappingEvidence,
  inferred: InferenceList,
  notes: ImportNote[],
  file: string,
): UsableTable | undefined {
  const { acpi, boot, registers, direct } = evidence;
  const table = acpi === undefined ? undefined : acpiTable(acpi, 'DMAR');
  const captured = table === undefined ? undefined : capturedTable(table.bytes, inferred, notes, file);
  if (captured !== undefined) return captured;
  const made = madeDmar({ boot, units: registers, direct }, inferred);
  if (made === undefined) return undefined;
  const source = boot?.units.length ? boot.file : (registers?.[0]?.file ?? file);
  return usableTable(source, notes, () => {
    const bytes = buildDmar(made);
    const dmar = parseDmar(bytes, { file: source });
    for (const note of dmar.notes) notes.push({ file: source, message: `DMAR, made: ${note.message}` });
    return { dmar, bytes, captured: false };
  });
}

function capturedTable(
  bytes: Uint8Array,
  inferred: InferenceList,
  notes: ImportNote[],
  file: string,
): UsableTable | undefined {
  return usableTable(file, notes, () => {
    const dmar = parseDmar(bytes, { file, damaged: 'keep' });
    for (const { offset, message } of dmar.notes) notes.push({ file, offset, message: `DMAR: ${message}` });
    if (!isDamaged(dmar)) return { dmar, bytes, captured: true };
    inferred.add('/dmar', 'its sound structures', 'the table is damaged: see the notes');
    return { dmar, bytes: buildDmar(soundDmar(dmar)), captured: false };
  });
}

/** What is no table, or one larger than there are, is noted. */
function usableTable(file: string, notes: ImportNote[], read: () => UsableTable): UsableTable | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { offset } = error.place;
    notes.push({ file, ...(offset === undefined ? {} : { offset }), message: `DMAR: ${error.message}` });
    return undefined;
  }
}

type Registers = Pick<MachineUnit, 'capability' | 'extendedCapability' | 'version'>;

function registersOf({ capability, extendedCapability, version }: UnitRegisters): Registers {
  return { capability, extendedCapability, version };
}

function usualRegisters(index: number, inferred: InferenceList): Registers {
  const reason = 'no capture has the registers of the unit: those of a common server are taken';
  inferred.add(`/units/${index}/capability`, usualCapability, reason);
  inferred.add(`/units/${index}/extendedCapability`, usualExtendedCapability, reason);
  inferred.add(`/units/${index}/version`, '1.0', reason);
  return { capability: usualCapability, extendedCapability: usualExtendedCapability, version: 0x10 };
}

/** A table and a log that disagree on the units are of two machines, or of two firmware settings. */
function noteUnknownUnits(
  units: readonly MachineUnit[],
  registers: readonly UnitRegisters[],
  notes: ImportNote[],
): void {
  for (const { registerBase, file, line } of registers) {
    if (units.some((unit) => unit.registerBase === registerBase)) continue;
    const message = `a unit at ${hex(registerBase)}, which the DMAR table does not have, is left out`;
    notes.push({ file, ...(line === undefined ? {} : { line }), message });
  }
}

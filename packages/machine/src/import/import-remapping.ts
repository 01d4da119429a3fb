import { parseDmar, remappingUnits, resolveScopes } from '@quiesce/vtd-iommu';
import { bytesToHex } from '../build/config-bytes.ts';
import { CapturedTopology } from '../description/captured-topology.ts';
import type { ImportNote, MachineUnit } from '../description/machine.ts';
import { type AcpiDump, acpiTable } from './acpi-dump.ts';
import type { InferenceList } from './inference-list.ts';
import type { LspciFunction } from './lspci.ts';
import type { ReservedRange } from './memory-regions.ts';

/** A server's unit of 2014 with four levels: what a unit is taken to be if no capture has its registers. */
const usualCapability = '08d2078c106f0466';
const usualExtendedCapability = '0000000000f020de';

/** The DMAR table of a capture and what follows from it. */
export interface ImportedRemapping {
  readonly dmar?: string;
  readonly units: readonly MachineUnit[];
  readonly reserved: readonly ReservedRange[];
}

/**
 * The units that the DMAR table names, with usual registers. Scopes that lead nowhere are noted.
 * @throws UserError those of parseDmar
 */
export function importRemapping(
  functions: readonly LspciFunction[],
  acpi: AcpiDump | undefined,
  inferred: InferenceList,
  notes: ImportNote[],
  file: string,
): ImportedRemapping {
  const table = acpi === undefined ? undefined : acpiTable(acpi, 'DMAR');
  if (table === undefined) {
    const message =
      acpi === undefined ? 'no ACPI tables were given' : 'there is no DMAR table among the ACPI tables';
    notes.push({ file, message: `${message}: the machine has no remapping unit` });
    return { units: [], reserved: [] };
  }
  const dmar = parseDmar(table.bytes, { file });
  for (const note of dmar.notes) notes.push({ file, offset: note.offset, message: `DMAR: ${note.message}` });
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
  const units = remappingUnits(dmar).map(({ segment, registerBase }, index): MachineUnit => {
    const reason = 'no capture has the registers of the unit: those of a common server are taken';
    inferred.add(`/units/${index}/capability`, usualCapability, reason);
    inferred.add(`/units/${index}/extendedCapability`, usualExtendedCapability, reason);
    inferred.add(`/units/${index}/version`, '1.0', reason);
    return {
      name: `dmar${index}`,
      architecture: 'vt-d',
      segment,
      registerBase,
      capability: usualCapability,
      extendedCapability: usualExtendedCapability,
      version: 0x10,
    };
  });
  const reserved = resolved.reservedMemory
    .filter(({ base, limit }) => limit > base && limit < 2 ** 52)
    .map(({ base, limit }) => ({ start: base, end: limit + 1 }));
  return { dmar: bytesToHex(table.bytes), units, reserved };
}

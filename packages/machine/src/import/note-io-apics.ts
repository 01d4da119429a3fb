import type { ImportNote, MachineUnit } from '../description/machine.ts';
import { type AcpiDump, acpiTable } from './acpi-dump.ts';
import { ioApicsOf } from './madt.ts';

/**
 * Notes IO-APICs of the table of interrupt controllers that stand behind no unit: Linux switches interrupt remapping off then
 * (parse_ioapics_under_ir, amd_iommu's check_ioapic_information).
 */
export function noteIoApicsWithoutUnit(
  acpi: AcpiDump | undefined,
  behindUnits: readonly number[],
  notes: ImportNote[],
  file: string,
): void {
  const table = acpi === undefined ? undefined : acpiTable(acpi, 'APIC');
  if (table === undefined) return;
  const known = new Set(behindUnits);
  for (const { id } of ioApicsOf(table.bytes)) {
    if (known.has(id)) continue;
    const message = `IO-APIC ${id} of the table APIC stands behind no remapping unit: Linux does not remap interrupts then`;
    notes.push({ file, message });
  }
}

/** IO-APICs that units name themselves, as those of AMD do. */
export function ioApicsBehind(units: readonly MachineUnit[]): number[] {
  return units.flatMap(({ interruptSources = [] }) =>
    interruptSources.filter((one) => one.kind === 'io-apic').map((one) => one.id),
  );
}

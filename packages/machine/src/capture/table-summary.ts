import { UserError } from '@quiesce/simulation';
import { parseDmar, remappingUnits } from '@quiesce/vtd-iommu';
import type { AcpiTable } from '../import/acpi-dump.ts';
import { counted } from './counted.ts';

/** What a table holds, for a list of sources: `DMAR with 2 units and 1 reserved region`, else its signature. */
export function tableSummary({ signature, bytes }: AcpiTable): string {
  if (signature !== 'DMAR') return signature;
  try {
    const dmar = parseDmar(bytes, { file: '' });
    const units = remappingUnits(dmar).length;
    const reserved = dmar.structures.filter(({ type }) => type === 'RMRR').length;
    return `DMAR with ${counted(units, 'unit')} and ${counted(reserved, 'reserved region')}`;
  } catch (error) {
    if (error instanceof UserError) return 'DMAR, damaged';
    throw error;
  }
}

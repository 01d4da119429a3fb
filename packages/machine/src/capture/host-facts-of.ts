import type { ListedFunction } from '../import/machine-of-parts.ts';
import type { SysfsTree } from '../import/sysfs-tree.ts';
import type { CaptureReading } from './capture-reader.ts';
import type { HostFacts, Stated } from './host-facts.ts';
import type { PlacedTable } from './merge-tables.ts';

/** What a capture says of the system that ran on the machine. */
export function hostFactsOf(
  reading: CaptureReading,
  functions: readonly ListedFunction[],
  tables: readonly PlacedTable[],
): HostFacts {
  const dmar = tables.find((one) => one.table.signature === 'DMAR');
  const drivers: Record<string, Stated<string>> = {};
  for (const one of functions) {
    if (one.kernelDriver === undefined) continue;
    const place =
      one.driverFile === undefined ? { file: one.file, line: one.line } : { file: one.driverFile };
    drivers[one.name] = { value: one.kernelDriver, ...place };
  }
  return {
    platform: dmar === undefined ? { value: 'unknown', file: '' } : { value: 'intel-vt-d', file: dmar.file },
    drivers,
    iommuGroups: groupsOf(reading.sysfs),
    remappingLines: [],
  };
}

function groupsOf(tree: SysfsTree | undefined): Record<string, Stated<number>> {
  const groups: Record<string, Stated<number>> = {};
  for (const { name, iommuGroup } of tree?.functions ?? []) {
    if (iommuGroup !== undefined) groups[name] = iommuGroup;
  }
  return groups;
}

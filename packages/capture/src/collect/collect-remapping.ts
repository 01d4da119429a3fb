import type { MachineReader } from './machine-reader.ts';
import { groupAttributes, unitAttributes } from './what-is-read.ts';

/** Remapping units as the kernel drives them, with the functions that it gave to each, and IOMMU groups. */
export function collectRemapping(reader: MachineReader): void {
  for (const unit of reader.names('sys/class/iommu')) {
    for (const name of unitAttributes) reader.takeText(`sys/class/iommu/${unit}/${name}`, { optional: true });
    reader.takeNames(`sys/class/iommu/${unit}/devices`);
  }
  for (const group of reader.names('sys/kernel/iommu_groups')) {
    for (const name of groupAttributes)
      reader.takeText(`sys/kernel/iommu_groups/${group}/${name}`, { optional: true });
  }
}

import type { AmdFeatures } from './boot-record.ts';
import { captureText } from './input-limits.ts';
import type { SysfsFile } from './sysfs-file.ts';

/** `/sys/class/iommu/ivhd0/amd-iommu/features`, or the same below `/sys/devices`. */
const attribute = /(?:^|\/)ivhd\d{1,4}\/amd-iommu\/features$/;
const twoRegisters = /^([0-9a-f]{1,16}):([0-9a-f]{1,16})$/;

/**
 * Extended Feature Registers as `/sys` shows them of every AMD unit; undefined where units differ, or none has any. Linux
 * 6.1 writes the second register before the first one, 6.12 behind it: the first is the one with the higher value, of whose
 * 64 bits nearly all have a meaning, while the second has some of the lowest only.
 */
export function sysfsAmdFeatures(files: readonly SysfsFile[]): AmdFeatures | undefined {
  const said = new Set<string>();
  for (const { path, content, link } of files) {
    if (link !== undefined || !attribute.test(path)) continue;
    said.add(captureText(content.slice(0, 64), path).trim());
    if (said.size > 1) return undefined;
  }
  const match = twoRegisters.exec([...said][0] ?? '');
  if (match === null) return undefined;
  const [lower, higher] = [match[1] as string, match[2] as string].map((one) => one.padStart(16, '0')).sort();
  return higher === undefined || /^0+$/.test(higher)
    ? undefined
    : { features: higher, features2: lower as string };
}

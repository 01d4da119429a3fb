import type { CapturedFile } from '../capture/captured-file.ts';
import { captureText } from './input-limits.ts';
import { type SysfsScopes, sysfsScopes } from './sysfs-unit-scopes.ts';
import type { UnitRegisters } from './unit-registers.ts';

/** `/sys/class/iommu/dmar0/intel-iommu/cap`, or the same below `/sys/devices/virtual/iommu`. */
const attribute = /(?:^|\/)(dmar\d{1,4})\/intel-iommu\/(address|cap|ecap|version)$/;
const MAX_UNITS = 1024;

/**
 * Registers of VT-d units as `/sys` shows them, hexadecimal digits without `0x`, the version as `1:0`; and the functions
 * that it lists behind each.
 */
export function sysfsUnits(
  files: readonly CapturedFile[],
  { functionsOf }: SysfsScopes = sysfsScopes(files),
): UnitRegisters[] {
  const units = new Map<string, Map<string, CapturedFile>>();
  for (const file of files) {
    const match = attribute.exec(file.path);
    if (match === null || file.link !== undefined) continue;
    const [, name, field] = match as unknown as [string, string, string];
    const unit = units.get(name) ?? new Map<string, CapturedFile>();
    if (!units.has(name) && units.size >= MAX_UNITS) continue;
    units.set(name, unit.set(field, file));
  }
  return [...units].flatMap(([name, unit]) => {
    const functions = functionsOf.get(name);
    const [address, cap, ecap] = ['address', 'cap', 'ecap'].map((field) => digitsOf(unit.get(field)));
    const version = versionOf(unit.get('version'));
    if (address === undefined || cap === undefined || ecap === undefined || version === undefined) return [];
    const registerBase = Number.parseInt(address, 16);
    const file = unit.get('cap')?.path ?? '';
    return registerBase < 2 ** 52
      ? [
          {
            registerBase,
            version,
            capability: cap.padStart(16, '0'),
            extendedCapability: ecap.padStart(16, '0'),
            ...(functions === undefined ? {} : { functions }),
            file,
          },
        ]
      : [];
  });
}

function digitsOf(file: CapturedFile | undefined): string | undefined {
  if (file === undefined) return undefined;
  return /^(?:0x)?([0-9a-f]{1,16})$/.exec(textOf(file))?.[1];
}

function versionOf(file: CapturedFile | undefined): number | undefined {
  const match = file === undefined ? null : /^(\d{1,2}):(\d{1,2})$/.exec(textOf(file));
  return match === null ? undefined : Number(match[1]) * 16 + Number(match[2]);
}

function textOf(file: CapturedFile): string {
  return captureText(file.content.slice(0, 64), file.path).trim();
}

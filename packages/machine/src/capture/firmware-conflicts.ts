import type { Dmar } from '@quiesce/vtd-iommu';
import { remappingUnits } from '@quiesce/vtd-iommu';
import type { AcpiDump } from '../import/acpi-dump.ts';
import type { LoggedBoot } from '../import/boot-record.ts';
import { type EcamRange, ecamFromIomem, ecamFromMcfg } from '../import/ecam-ranges.ts';
import { hex } from '../import/inference-list.ts';
import { eachRegion, type Iomem, type IomemRegion } from '../import/iomem.ts';
import type { UnitRegisters } from '../import/unit-registers.ts';
import { unitRegistersOf } from '../import/unit-registers.ts';
import type { CaptureConflict } from './imported-capture.ts';

/** Most conflicts of one kind. */
const LIMIT = 20;
const MIB = 0x10_0000;

type Said = CaptureConflict['said'][number];

/** A value that one source states, and where. */
interface Place {
  readonly file: string;
  readonly line?: number;
}

/** The DMAR table against what the kernel said while it parsed it: units and reserved memory. */
export function dmarConflicts(dmar: Dmar, place: Place, boot: LoggedBoot): CaptureConflict[] {
  const logged = boot.units.filter((one) => one.flags !== undefined);
  if (logged.length === 0) return [];
  const units = setsDiffer(
    '/units',
    'unit at ',
    remappingUnits(dmar).map(({ registerBase }) => ({ ...place, value: hex(registerBase) })),
    logged.map(({ registerBase, line }) => ({ file: boot.file, line, value: hex(registerBase) })),
    [place.file, boot.file],
  );
  const range = (base: number, limit: number): string => `${hex(base)}..${hex(limit)}`;
  const reserved = dmar.structures.filter((one) => one.type === 'RMRR');
  const memory = setsDiffer(
    '/dmar',
    'reserved memory ',
    reserved.map(({ base, limit }) => ({ ...place, value: range(base, limit) })),
    boot.reservedMemory.map(({ base, limit, line }) => ({
      file: boot.file,
      line,
      value: range(base, limit),
    })),
    [place.file, boot.file],
  );
  return [...units, ...memory];
}

/** Values that only one of two sources has. */
function setsDiffer(
  what: string,
  prefix: string,
  used: readonly Said[],
  other: readonly Said[],
  files: readonly [used: string, other: string],
): CaptureConflict[] {
  const reason = 'the table before the boot log';
  const conflicts: CaptureConflict[] = [];
  const [a, b] = [used, other].map((all) => new Set(all.map(({ value }) => value)));
  const none = (of: readonly Said[], whole: string): Said => ({
    value: 'not there',
    file: of[0]?.file ?? whole,
  });
  for (const one of used) {
    if (b?.has(one.value) === true) continue;
    const value = `${prefix}${one.value}`;
    conflicts.push({ what, said: [{ ...one, value }, none(other, files[1])], used: value, reason });
  }
  for (const one of other) {
    if (a?.has(one.value) === true) continue;
    const value = `${prefix}${one.value}`;
    conflicts.push({ what, said: [none(used, files[0]), { ...one, value }], used: `no ${value}`, reason });
  }
  return conflicts.slice(0, LIMIT);
}

/** Registers of one unit, as `/sys` and as a boot log have them. */
export function unitConflicts(sysfs: readonly UnitRegisters[], boot: LoggedBoot): CaptureConflict[] {
  return unitRegistersOf(boot)
    .flatMap((logged) => {
      const used = sysfs.find((one) => one.registerBase === logged.registerBase);
      if (used === undefined) return [];
      const shown = (one: UnitRegisters): Said => ({
        value: `unit at ${hex(one.registerBase)}: capability ${one.capability}, extended ${one.extendedCapability}`,
        file: one.file,
        ...(one.line === undefined ? {} : { line: one.line }),
      });
      const said = [shown(used), shown(logged)];
      if (said[0]?.value === said[1]?.value) return [];
      return [
        { what: '/units', said, used: said[0]?.value ?? '', reason: 'registers of /sys before a boot log' },
      ];
    })
    .slice(0, LIMIT);
}

/** ECAM windows of the MCFG table, of /proc/iomem and of a boot log. */
export function ecamConflicts(
  acpi: { readonly dump: AcpiDump; readonly place: Place } | undefined,
  iomem: { readonly parsed: Iomem; readonly file: string } | undefined,
  boot: LoggedBoot | undefined,
): CaptureConflict[] {
  type Ranges = readonly (EcamRange & Place)[];
  const sources: Ranges[] = [];
  if (acpi !== undefined) sources.push(ecamFromMcfg(acpi.dump).map((one) => ({ ...one, ...acpi.place })));
  if (iomem !== undefined) {
    sources.push(ecamFromIomem(iomem.parsed.regions).map((one) => ({ ...one, file: iomem.file })));
  }
  if (boot !== undefined) sources.push(boot.ecam.map((one) => ({ ...one, file: boot.file })));
  const conflicts: CaptureConflict[] = [];
  const first = new Map<string, EcamRange & Place>();
  for (const one of sources.flat()) {
    const key = `${one.segment} ${one.firstBus}`;
    const used = first.get(key);
    if (used === undefined) first.set(key, one);
    else if (used.base !== one.base && conflicts.length < LIMIT) {
      const said = [used, one].map(({ base, file, line }) => ({
        value: `ECAM of segment ${one.segment} at ${hex(base)}`,
        file,
        ...(line === undefined ? {} : { line }),
      }));
      const reason = 'the MCFG table before /proc/iomem, that before a boot log';
      conflicts.push({ what: '/rootComplexes', said, used: said[0]?.value ?? '', reason });
    }
  }
  return conflicts;
}

/** Memory of which /proc/iomem and the firmware's map in a boot log do not agree that it is RAM. */
export function memoryConflicts(
  iomem: { readonly parsed: Iomem; readonly file: string; readonly line?: number },
  boot: LoggedBoot,
): CaptureConflict[] {
  // What a crash kernel is left of memory is another map.
  if (boot.crashKernel || boot.e820.length === 0) return [];
  const ram: IomemRegion[] = [];
  eachRegion(iomem.parsed.regions, (region) => {
    if (region.label === 'System RAM') ram.push(region);
  });
  const usable = boot.e820.filter(({ kind }) => /^(?:usable|System RAM)$/i.test(kind));
  const conflicts: CaptureConflict[] = [];
  const add = (value: string, has: Place, lacks: Place, used: string): void => {
    const said = [
      { value, ...has },
      { value: 'none there', ...lacks },
    ];
    conflicts.push({ what: '/memoryMap', said, used, reason: '/proc/iomem before a boot log' });
  };
  for (const { start, end, line } of ram) {
    if (end - start < MIB || usable.some((one) => one.base < end && one.limit >= start)) continue;
    const value = `RAM at ${hex(start)}..${hex(end - 1)}`;
    const at = { file: iomem.file, line: line + (iomem.line ?? 1) - 1 };
    add(value, at, { file: boot.file }, value);
  }
  for (const { base, limit, line } of usable) {
    if (limit - base < MIB || ram.some((one) => one.start <= limit && one.end > base)) continue;
    const value = `RAM at ${hex(base)}..${hex(limit)}`;
    add(value, { file: boot.file, line }, { file: iomem.file }, `no ${value}`);
  }
  return conflicts.slice(0, LIMIT);
}

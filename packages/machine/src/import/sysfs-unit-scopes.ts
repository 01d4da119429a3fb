import type { CapturedFile } from '../capture/captured-file.ts';
import { parseFunctionName } from '../description/function-name.ts';
import { captureText, eachLine } from './input-limits.ts';

/** Memory that an IOMMU group uses at equal physical and I/O addresses: an RMRR, as `/sys` shows it. */
export interface DirectRegion {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** Names of the functions of the group. */
  readonly functions: readonly string[];
  readonly file: string;
  readonly line: number;
}

/** Which functions the kernel gave to which unit, and their reserved memory. */
export interface SysfsScopes {
  /** By name of the unit, `dmar0` or `ivhd0`. */
  readonly functionsOf: ReadonlyMap<string, readonly string[]>;
  readonly direct: readonly DirectRegion[];
}

/** `…/0000:00:1f.2/iommu`, `…/0000:00:1f.2/iommu_group` */
const functionLink = /(?:^|\/)([0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7])\/(iommu|iommu_group)$/;
/** A list of names, or one link for each. */
const unitDevices = /(?:^|\/)((?:dmar|ivhd)\d{1,4})\/devices(?:\/([^/]+))?$/;
const groupDevice = /(?:^|\/)iommu_groups\/(\d{1,6})\/devices\/([^/]+)$/;
const groupRegions = /(?:^|\/)iommu_groups\/(\d{1,6})\/reserved_regions$/;
/**
 * Linux maps the first 16 MiB for every bridge to ISA, for the sake of floppy disks (intel_iommu_get_resv_regions, with
 * CONFIG_INTEL_IOMMU_FLOPPY_WA): no table of firmware says so.
 */
const FLOPPY = '0x0000000000000000 0x0000000000ffffff direct-relaxable';
const region = /^0x([0-9a-f]{1,16}) 0x([0-9a-f]{1,16}) direct(?:-relaxable)?$/;
/** A segment has 65,536 functions. */
const MAX_FUNCTIONS = 0x1_0000;
const MAX_REGIONS = 1024;

/** Reads links of functions to their unit and group, and what groups reserve. */
export function sysfsScopes(files: readonly CapturedFile[]): SysfsScopes {
  const units = new Map<string, Set<string>>();
  const groups = new Map<string, Set<string>>();
  const regions: { readonly group: string; readonly file: CapturedFile }[] = [];
  for (const file of files) {
    const link = functionLink.exec(file.path);
    if (link !== null) {
      const target = targetOf(file);
      const [, name, kind] = link as unknown as [string, string, string];
      if (target !== undefined) addName(kind === 'iommu' ? units : groups, target, name);
      continue;
    }
    const devices = unitDevices.exec(file.path);
    if (devices !== null) {
      for (const name of devices[2] === undefined ? namesIn(file) : [devices[2]]) {
        addName(units, devices[1] as string, name);
      }
      continue;
    }
    const member = groupDevice.exec(file.path);
    if (member !== null) addName(groups, member[1] as string, member[2] as string);
    const reserved = groupRegions.exec(file.path);
    if (reserved !== null) regions.push({ group: reserved[1] as string, file });
  }
  const functionsOf = new Map([...units].map(([unit, names]) => [unit, [...names].sort()]));
  const direct = regions.flatMap(({ group, file }) => directRegions(file, [...(groups.get(group) ?? [])]));
  return { functionsOf, direct: direct.slice(0, MAX_REGIONS) };
}

function addName(sets: Map<string, Set<string>>, key: string, name: string): void {
  if (parseFunctionName(name) === undefined) return;
  const set = sets.get(key) ?? new Set<string>();
  sets.set(key, set);
  if (set.size < MAX_FUNCTIONS) set.add(name);
}

/** Last component of a link; some copies hold links as text. */
function targetOf(file: CapturedFile): string | undefined {
  const target = file.link ?? (typeof file.content === 'string' ? file.content.trim() : undefined);
  return target === undefined ? undefined : /(?:^|\/)([\w.]{1,64})$/.exec(target)?.[1];
}

function namesIn(file: CapturedFile): string[] {
  const names: string[] = [];
  eachLine(textOf(file), (line) => names.push(line.trim()));
  return names;
}

/** Larger ones are no attributes of sysfs; a list of names has 13 bytes for each function of a segment. */
function textOf(file: CapturedFile): string {
  return captureText(file.content.slice(0, 0x10_0000), file.path);
}

function directRegions(file: CapturedFile, functions: readonly string[]): DirectRegion[] {
  const regions: DirectRegion[] = [];
  eachLine(textOf(file), (line, number) => {
    const words = line.trim();
    const match = words === FLOPPY ? null : region.exec(words);
    if (match === null || regions.length >= MAX_REGIONS) return;
    const [start, last] = [Number.parseInt(match[1] as string, 16), Number.parseInt(match[2] as string, 16)];
    if (last > start && last < 2 ** 52) {
      regions.push({ start, end: last + 1, functions, file: file.path, line: number });
    }
  });
  return regions;
}

import type { CapturedFile } from '../capture/captured-file.ts';
import { lastComponent } from '../capture/machine-path.ts';
import { functionName, parseFunctionName } from '../description/function-name.ts';
import type { ImportNote } from '../description/machine.ts';
import type { LspciFunction } from './lspci.ts';
import { NoteList } from './note-list.ts';
import { sysfsConfig } from './sysfs-config.ts';
import { parseSysfsResource } from './sysfs-resource.ts';

/** A function as `/sys/bus/pci/devices` has it. */
export interface SysfsFunction extends LspciFunction {
  /** The file with its config space, or else the one that it was known by. */
  readonly file: string;
  /** False if the tree has no links to drivers. */
  readonly driverKnown: boolean;
  readonly iommuGroup?: { readonly value: number; readonly file: string };
  readonly driverFile?: string;
}

/** What a tree of `/sys` says of PCI functions. */
export interface SysfsTree {
  readonly functions: readonly SysfsFunction[];
  readonly notes: readonly ImportNote[];
}

/** Attributes that are read, `bus/pci/devices/<function>/<attribute>`. */
interface Attributes {
  readonly files: Map<string, CapturedFile>;
}

const MAX_FUNCTIONS = 65_536;
const used: ReadonlySet<string> = new Set([
  'config',
  'resource',
  'driver',
  'iommu_group',
  'vendor',
  'device',
  'subsystem_vendor',
  'subsystem_device',
  'class',
  'revision',
  'uevent',
  'label',
]);

/**
 * Reads functions from files of `/sys`, in whatever of its views they stand: `sys/bus/pci/devices/<function>/…`,
 * `sys/devices/pci0000:00/…/<function>/…`, `sys/kernel/iommu_groups/<group>/devices/<function>`.
 */
export function readSysfsTree(files: readonly CapturedFile[]): SysfsTree {
  const notes = new NoteList('sys');
  const found = new Map<string, Attributes>();
  const groups = new Map<string, { readonly value: number; readonly file: string }>();
  let refused = 0;
  for (const file of files) {
    const member = /\/kernel\/iommu_groups\/(\d{1,6})\/devices\/([^/]+)$/.exec(file.path);
    if (member !== null) {
      groups.set(member[2] as string, { value: Number(member[1]), file: file.path });
      continue;
    }
    const place = attributeOf(file.path);
    if (place === undefined || !used.has(place.attribute)) continue;
    let one = found.get(place.name);
    if (one === undefined) {
      if (found.size >= MAX_FUNCTIONS) {
        refused++;
        continue;
      }
      one = { files: new Map() };
      found.set(place.name, one);
    }
    if (!one.files.has(place.attribute)) one.files.set(place.attribute, file);
  }
  if (refused > 0) notes.add(`there are more than ${MAX_FUNCTIONS} functions: ${refused} files are not read`);
  const all = [...found.values()];
  const driverKnown = all.some(({ files }) => files.get('driver') !== undefined);
  const functions: SysfsFunction[] = [];
  for (const [name, { files }] of found) {
    const one = functionOf(name, files, driverKnown, groups.get(name), notes);
    if (one !== undefined) functions.push(one);
  }
  return { functions: functions.sort(byPlace), notes: notes.all() };
}

/** Function and attribute that a path names. `/proc/bus/pci` has nothing but config spaces. */
function attributeOf(path: string): { readonly name: string; readonly attribute: string } | undefined {
  const old = /\/bus\/pci\/(?:([0-9a-f]{4,8}):)?([0-9a-f]{2})\/([01][0-9a-f]\.[0-7])$/.exec(path);
  if (old !== null) return { name: `${old[1] ?? '0000'}:${old[2]}:${old[3]}`, attribute: 'config' };
  const parts = path.split('/');
  const [name, attribute] = [parts.at(-2), parts.at(-1)];
  if (name === undefined || attribute === undefined || parseFunctionName(name) === undefined)
    return undefined;
  return { name, attribute };
}

function functionOf(
  name: string,
  files: ReadonlyMap<string, CapturedFile>,
  driverKnown: boolean,
  memberOf: SysfsFunction['iommuGroup'],
  notes: NoteList,
): SysfsFunction | undefined {
  const place = parseFunctionName(name);
  if (place === undefined) return undefined;
  const config = sysfsConfig(name, files, notes);
  if (config === undefined) return undefined;
  const resource = files.get('resource');
  const driver = linkOf(files.get('driver'));
  const group = linkOf(files.get('iommu_group'));
  const iommuGroup =
    group !== undefined && /^\d{1,6}$/.test(group.value)
      ? { value: Number(group.value), file: group.file }
      : memberOf;
  return {
    ...place,
    name: functionName(place),
    bytes: config.bytes,
    missing: config.missing,
    regionSizes:
      resource === undefined ? new Array<undefined>(6).fill(undefined) : parseSysfsResource(resource),
    ...(driver === undefined ? {} : { kernelDriver: driver.value, driverFile: driver.file }),
    ...(iommuGroup === undefined ? {} : { iommuGroup }),
    line: 1,
    file: config.file,
    driverKnown,
  };
}

/** Last component of where a link leads. A link that was copied as a text file counts, too. */
function linkOf(
  file: CapturedFile | undefined,
): { readonly value: string; readonly file: string } | undefined {
  if (file === undefined) return undefined;
  const target = file.link ?? (typeof file.content === 'string' ? file.content.trim() : '');
  const value = lastComponent(target);
  return value === '' || value.length > 100 ? undefined : { value, file: file.path };
}

function byPlace(a: SysfsFunction, b: SysfsFunction): number {
  return a.segment - b.segment || a.bus - b.bus || a.device - b.device || a.fn - b.fn;
}

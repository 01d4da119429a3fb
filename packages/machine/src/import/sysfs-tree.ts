import type { Stated } from '../capture/host-facts.ts';
import { lastComponent } from '../capture/machine-path.ts';
import { functionName, parseFunctionName } from '../description/function-name.ts';
import type { ImportNote } from '../description/machine.ts';
import { captureText } from './input-limits.ts';
import type { LspciFunction } from './lspci.ts';
import { NoteList } from './note-list.ts';
import { sysfsConfig } from './sysfs-config.ts';
import { placeOfSysfs, type SysfsFile } from './sysfs-file.ts';
import { parseSysfsResource } from './sysfs-resource.ts';

/** A function as `/sys/bus/pci/devices` has it. */
export interface SysfsFunction extends LspciFunction {
  /** The file with its config space, or else the one that it was known by. */
  readonly file: string;
  /** False if the tree has no links to drivers. */
  readonly driverKnown: boolean;
  readonly iommuGroup?: Stated<number>;
  /** Ways to reset it, e.g. `flr bus`. */
  readonly resetMethod?: Stated<string>;
  /** Firmware's display. */
  readonly bootDisplay?: Stated<true>;
  readonly driverFile?: string;
  /** Of a virtual function: the physical one, by the link `physfn`. */
  readonly physicalFunction?: string;
}

/** What a tree of `/sys` says of PCI functions. */
export interface SysfsTree {
  readonly functions: readonly SysfsFunction[];
  readonly notes: readonly ImportNote[];
}

/** Attributes that are read, `bus/pci/devices/<function>/<attribute>`. */
interface Attributes {
  readonly files: Map<string, SysfsFile>;
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
  'reset_method',
  'boot_vga',
  'physfn',
]);

/**
 * Reads functions from files of `/sys`, in whatever of its views they stand: `sys/bus/pci/devices/<function>/…`,
 * `sys/devices/pci0000:00/…/<function>/…`, `sys/kernel/iommu_groups/<group>/devices/<function>`.
 */
export function readSysfsTree(files: readonly SysfsFile[]): SysfsTree {
  const notes = new NoteList('sys');
  const found = new Map<string, Attributes>();
  const groups = new Map<string, Stated<number>>();
  const links = new Map<string, SysfsFile>();
  let refused = 0;
  for (const file of files) {
    const member = /(?:^|\/)kernel\/iommu_groups\/(\d{1,6})\/devices\/([^/]+)$/.exec(file.path);
    if (member !== null) {
      groups.set(member[2] as string, { value: Number(member[1]), ...placeOfSysfs(file) });
      continue;
    }
    const linked = file.link === undefined ? undefined : parseFunctionName(lastComponent(file.path));
    if (linked !== undefined) links.set(lastComponent(file.path), file);
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
  noteDeadLinks(links, found, groups, notes);
  const all = [...found.values()];
  const driverKnown = all.some(({ files }) => files.get('driver') !== undefined);
  const functions: SysfsFunction[] = [];
  for (const [name, { files }] of found) {
    const one = functionOf(name, files, driverKnown, groups.get(name), notes);
    if (one !== undefined) functions.push(one);
  }
  return { functions: functions.sort(byPlace), notes: notes.all() };
}

/** `/sys/bus/pci/devices` is nothing but links into `/sys/devices`. */
function noteDeadLinks(
  links: ReadonlyMap<string, SysfsFile>,
  found: ReadonlyMap<string, Attributes>,
  groups: ReadonlyMap<string, unknown>,
  notes: NoteList,
): void {
  const dead = [...links.keys()].filter((name) => !found.has(name) && !groups.has(name));
  const [first] = dead;
  if (first === undefined) return;
  const file = links.get(first)?.path ?? 'sys';
  const message = `${dead.length} functions are links to what was not given, this one the first: take /sys/devices, too`;
  notes.add(message, { file });
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
  files: ReadonlyMap<string, SysfsFile>,
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
  const physical = linkOf(files.get('physfn'));
  const [reset, display] = [files.get('reset_method'), files.get('boot_vga')];
  const iommuGroup =
    group !== undefined && /^\d{1,6}$/.test(group.value)
      ? { value: Number(group.value), ...group.place }
      : memberOf;
  return {
    ...place,
    name: functionName(place),
    bytes: config.bytes,
    missing: config.missing,
    regionSizes:
      resource === undefined ? new Array<undefined>(6).fill(undefined) : parseSysfsResource(resource),
    ...(driver === undefined ? {} : { kernelDriver: driver.value, driverFile: driver.place.file }),
    ...(iommuGroup === undefined ? {} : { iommuGroup }),
    ...(physical === undefined ? {} : { physicalFunction: physical.value }),
    ...(reset === undefined ? {} : { resetMethod: { value: textOf(reset), ...placeOfSysfs(reset) } }),
    ...(display !== undefined && textOf(display) === '1'
      ? { bootDisplay: { value: true, ...placeOfSysfs(display) } }
      : {}),
    line: 1,
    file: config.file,
    driverKnown,
  };
}

/** Last component of where a link leads. A link that was copied as a text file counts, too. */
function linkOf(
  file: SysfsFile | undefined,
): { readonly value: string; readonly place: ReturnType<typeof placeOfSysfs> } | undefined {
  if (file === undefined) return undefined;
  const target = file.link ?? (typeof file.content === 'string' ? file.content.trim() : '');
  const value = lastComponent(target);
  return value === '' || value.length > 100 ? undefined : { value, place: placeOfSysfs(file) };
}

function byPlace(a: SysfsFunction, b: SysfsFunction): number {
  return a.segment - b.segment || a.bus - b.bus || a.device - b.device || a.fn - b.fn;
}

function textOf(file: SysfsFile): string {
  return captureText(file.content.slice(0, 200), file.path).trim();
}

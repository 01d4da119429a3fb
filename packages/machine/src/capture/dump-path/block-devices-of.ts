import { placeOfSysfs, type SysfsFile } from '../../import/sysfs-file.ts';
import type { Stated } from '../host-facts.ts';
import { lastComponent } from '../machine-path.ts';
import type { BlockDevice } from './block-device.ts';
import { deviceFolder, nearestFunction, partsBelowSys } from './sysfs-place.ts';
import { shortText, textLines } from './sysfs-text.ts';

/** Servers with several thousand logical units have some 20,000. */
const MAX_DEVICES = 50_000;
/** Devices that one is made of. */
const MAX_OVER = 1000;

/** Character devices of NVMe, which stand where its block devices do. */
const character = /^(?:nvme\d+|ng\d+n\d+)$/;

/** What the files of `/sys` say of one block device. */
interface Draft {
  folder?: Stated<string>;
  number?: Stated<string>;
  mapped?: Stated<string>;
  layer?: Stated<string>;
  readonly over: Map<string, Stated<string>>;
}

/** Block devices, and how many were too many. */
export interface FoundBlockDevices {
  readonly devices: readonly BlockDevice[];
  readonly refused: number;
}

/**
 * Block devices by what `/sys` shows of them: links of `class/block` and `block`, folders below `devices`, names in `slaves`.
 */
export function blockDevicesOf(files: readonly SysfsFile[]): FoundBlockDevices {
  const drafts = new Map<string, Draft>();
  let refused = 0;
  const draftOf = (name: string): Draft | undefined => {
    const known = drafts.get(name);
    if (known !== undefined) return known;
    if (drafts.size >= MAX_DEVICES) {
      refused++;
      return undefined;
    }
    const draft: Draft = { over: new Map() };
    drafts.set(name, draft);
    return draft;
  };
  for (const file of files) {
    const parts = partsBelowSys(file.path);
    if (parts !== undefined) takeFile(file, parts, draftOf);
  }
  const paths = pathsOfNamespaces(drafts);
  const devices: BlockDevice[] = [];
  for (const [name, draft] of drafts) {
    const one = deviceOf(name, draft, drafts, paths.get(name) ?? []);
    if (one !== undefined) devices.push(one);
  }
  return { devices, refused };
}

function takeFile(
  file: SysfsFile,
  parts: readonly string[],
  draftOf: (name: string) => Draft | undefined,
): void {
  const place = placeOfSysfs(file);
  const isClass = parts[0] === 'block' || (parts[0] === 'class' && parts[1] === 'block');
  const isBlock = isClass || parts.some((part) => /^(?:block|nvme\d+|nvme-subsys\d+)$/.test(part));
  if (!isBlock) return;
  if (isClass && parts.length === (parts[0] === 'block' ? 2 : 3)) {
    const folder = file.link === undefined ? undefined : deviceFolder(file.link);
    const draft = folder === undefined ? undefined : draftOf(parts.at(-1) as string);
    if (draft !== undefined) draft.folder = { value: folder as string, ...place };
    return;
  }
  const [first, second, third] = [parts.at(-3), parts.at(-2), parts.at(-1) as string];
  if (third === 'slaves' && second !== undefined) {
    for (const one of textLines(file)) addOver(draftOf(second), one);
  } else if (second === 'slaves' && first !== undefined) {
    addOver(draftOf(first), { value: third, ...place });
  } else if (third === 'dev' && second !== undefined && !character.test(second)) {
    const value = shortText(file);
    const draft = /^\d{1,9}:\d{1,9}$/.test(value) ? draftOf(second) : undefined;
    if (draft === undefined) return;
    draft.number = { value, ...place };
    if (parts[0] === 'devices') draft.folder ??= { value: parts.slice(0, -1).join('/'), ...place };
  } else if (first !== undefined && (second === 'dm' || second === 'md')) {
    const value = shortText(file);
    const draft = value === '' ? undefined : draftOf(first);
    if (draft === undefined) return;
    if (second === 'dm' && third === 'name') draft.mapped = { value, ...place };
    else if (second === 'dm' && third === 'uuid') draft.layer = { value: wordOf(value), ...place };
    else if (second === 'md' && third === 'level') draft.layer = { value, ...place };
  }
}

/** `CRYPT-LUKS2-…` is of dm-crypt. */
function wordOf(uuid: string): string {
  return uuid.split('-', 1)[0] as string;
}

function addOver(draft: Draft | undefined, one: Stated<string>): void {
  if (draft !== undefined && draft.over.size < MAX_OVER) draft.over.set(one.value, one);
}

function deviceOf(
  name: string,
  { folder, number, mapped, layer, over }: Draft,
  all: ReadonlyMap<string, Draft>,
  paths: readonly Stated<string>[],
): BlockDevice | undefined {
  const found = folder ?? mapped ?? over.values().next().value ?? number;
  if (found === undefined) return undefined;
  const above =
    folder === undefined ? '' : lastComponent(folder.value.slice(0, folder.value.lastIndexOf('/')));
  const fn = folder === undefined ? undefined : nearestFunction(folder.value);
  const ofSubsystem = folder?.value.includes('/nvme-subsys') === true ? paths : [];
  const made = ofSubsystem.length > 0 && folder !== undefined ? { ...folder, value: 'nvme' } : layer;
  return {
    name,
    found,
    ...(fn === undefined ? {} : { function: fn }),
    ...(number === undefined ? {} : { number: number.value }),
    ...(mapped === undefined ? {} : { mapped }),
    ...(made === undefined ? {} : { layer: made }),
    ...(folder !== undefined && all.has(above) && above !== name
      ? { partitionOf: { ...folder, value: above } }
      : {}),
    over: [...over.values(), ...ofSubsystem],
  };
}

/** A namespace that several controllers show, `nvme0n1`, has a hidden device for each: `nvme0c1n1`. */
function pathsOfNamespaces(all: ReadonlyMap<string, Draft>): Map<string, Stated<string>[]> {
  const found = new Map<string, Stated<string>[]>();
  for (const [name, { folder }] of all) {
    const match = /^(nvme\d{1,6})c\d{1,6}(n\d{1,6})$/.exec(name);
    if (match === null || folder === undefined) continue;
    const head = `${match[1]}${match[2]}`;
    const paths = found.get(head);
    if (paths === undefined) found.set(head, [{ ...folder, value: name }]);
    else if (paths.length < MAX_OVER) paths.push({ ...folder, value: name });
  }
  return found;
}

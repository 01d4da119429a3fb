import { placeOfSysfs, type SysfsFile } from '../../import/sysfs-file.ts';
import type { Stated } from '../host-facts.ts';
import type { NetworkInterface } from './network-interface.ts';
import { deviceFolder, nearestFunction, partsBelowSys } from './sysfs-place.ts';
import { shortText } from './sysfs-text.ts';

/** Hosts of containers have some thousands. */
const MAX_INTERFACES = 20_000;
/** Members of a bridge. */
const MAX_OVER = 2000;

/** What several sources say of one interface. */
export interface InterfaceDraft {
  found?: Stated<string>;
  function?: string;
  state?: Stated<string>;
  active?: Stated<string>;
  readonly over: Map<string, Stated<string>>;
}

/** Network interfaces as they are put together; what is stated first counts. */
export class InterfaceDrafts {
  readonly #drafts = new Map<string, InterfaceDraft>();
  refused = 0;

  of(name: string): InterfaceDraft | undefined {
    const known = this.#drafts.get(name);
    if (known !== undefined) return known;
    if (this.#drafts.size >= MAX_INTERFACES) {
      this.refused++;
      return undefined;
    }
    const draft: InterfaceDraft = { over: new Map() };
    this.#drafts.set(name, draft);
    return draft;
  }

  addOver(name: string, lower: Stated<string>): void {
    const draft = this.of(name);
    if (draft !== undefined && draft.over.size < MAX_OVER && !draft.over.has(lower.value))
      draft.over.set(lower.value, lower);
  }

  all(): NetworkInterface[] {
    const interfaces: NetworkInterface[] = [];
    for (const [name, { over, found, ...rest }] of this.#drafts) {
      const lowers = [...over.values()];
      const place = found ?? lowers[0] ?? rest.state;
      if (place !== undefined) interfaces.push({ name, found: place, ...rest, over: lowers });
    }
    return interfaces;
  }
}

/** Takes what `/sys` shows of network interfaces. */
export function takeSysfsInterfaces(files: readonly SysfsFile[], drafts: InterfaceDrafts): void {
  for (const file of files) {
    const parts = partsBelowSys(file.path);
    if (parts === undefined) continue;
    // `class/net/eth0/…`, or `devices/…/net/eth0/…`.
    const net = parts[0] === 'class' ? (parts[1] === 'net' ? 1 : -1) : parts.lastIndexOf('net');
    const name = net < 0 ? undefined : parts[net + 1];
    if (name === undefined || name.length > 100) continue;
    takeFile(file, name, parts.slice(net + 2), parts, drafts);
  }
}

function takeFile(
  file: SysfsFile,
  name: string,
  attribute: readonly string[],
  parts: readonly string[],
  drafts: InterfaceDrafts,
): void {
  const place = placeOfSysfs(file);
  const [first, second] = attribute;
  if (first === undefined) {
    const folder = file.link === undefined ? undefined : deviceFolder(file.link);
    if (folder !== undefined) standsAt({ value: folder, ...place }, drafts.of(name));
  } else if (first.startsWith('lower_') && first.length > 6) {
    drafts.addOver(name, { value: first.slice(6), ...place });
  } else if (first === 'operstate' || (first === 'bonding' && second === 'active_slave')) {
    const draft = drafts.of(name);
    const value = shortText(file);
    if (draft === undefined || value === '') return;
    if (first === 'operstate') draft.state ??= { value, ...place };
    else draft.active ??= { value, ...place };
    if (parts[0] === 'devices' && first === 'operstate')
      standsAt({ value: parts.slice(0, -1).join('/'), ...place }, draft);
  }
}

function standsAt(folder: Stated<string>, draft: InterfaceDraft | undefined): void {
  if (draft === undefined || draft.found !== undefined) return;
  draft.found = folder;
  const fn = nearestFunction(folder.value);
  if (fn !== undefined) draft.function ??= fn;
}

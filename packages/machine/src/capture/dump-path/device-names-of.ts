import { eachLine } from '../../import/input-limits.ts';
import { placeOfSysfs, type SysfsFile } from '../../import/sysfs-file.ts';
import { lastComponent } from '../machine-path.ts';
import type { FactText } from '../section-reader.ts';
import type { DeviceName } from './block-device.ts';

const MAX_NAMES = 100_000;
const named = /(?:^|\/)(dev\/(?:disk\/by-[a-z]{1,20}|md)\/[^/]{1,500})$/;
const tags: ReadonlyMap<string, string> = new Map([
  ['UUID', 'by-uuid'],
  ['LABEL', 'by-label'],
  ['PARTUUID', 'by-partuuid'],
  ['PARTLABEL', 'by-partlabel'],
]);

/** Names of block devices: links below `/dev/disk` and `/dev/md`, and the lines of `blkid`. */
export function deviceNamesOf(files: readonly SysfsFile[], facts: readonly FactText[]): DeviceName[] {
  const found: DeviceName[] = [];
  for (const file of files) {
    const name = file.link === undefined ? undefined : named.exec(file.path)?.[1];
    if (name === undefined || found.length >= MAX_NAMES) continue;
    const value = lastComponent(file.link as string);
    if (value !== '' && value.length <= 250)
      found.push({ name: `/${name}`, device: { value, ...placeOfSysfs(file) } });
  }
  for (const { text, file, line: first } of facts.filter(({ kind }) => kind === 'block-devices')) {
    eachLine(text, (line, number) => {
      const device = line.length > 4096 ? undefined : /^\/dev\/([^\s:]{1,250}): /.exec(line)?.[1];
      if (device === undefined) return;
      for (const [, tag, value] of line.matchAll(/(?:^| )([A-Z]{4,9})="([^"]{1,500})"/g)) {
        const folder = tags.get(tag as string);
        if (folder === undefined || found.length >= MAX_NAMES) continue;
        const place = { file, line: first + number - 1 };
        found.push({
          name: `/dev/disk/${folder}/${value}`,
          device: { value: lastComponent(device), ...place },
        });
      }
    });
  }
  return found;
}

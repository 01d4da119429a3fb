import { captureText } from '../import/input-limits.ts';
import { placeOfSysfs, type SysfsFile } from '../import/sysfs-file.ts';
import type { Stated } from './host-facts.ts';

/** Most characters of a fact. */
const LONGEST = 200;

/** What one file of `/sys` says, without its line ending; undefined if the capture does not have it, or it is empty. */
export function sysfsText(files: readonly SysfsFile[], path: string): Stated<string> | undefined {
  const file = files.find((one) => one.path === path || one.path.endsWith(`/${path}`));
  if (file === undefined) return undefined;
  const value = captureText(file.content.slice(0, LONGEST), file.path).trim();
  return value === '' ? undefined : { value, ...placeOfSysfs(file) };
}

/** The first of these files of `/sys` that a capture has, as a number; undefined if none of them is one. */
export function sysfsNumber(
  files: readonly SysfsFile[],
  paths: readonly string[],
): Stated<number> | undefined {
  for (const path of paths) {
    const stated = sysfsText(files, path);
    if (stated !== undefined && /^\d{1,15}$/.test(stated.value)) {
      return { ...stated, value: Number(stated.value) };
    }
  }
  return undefined;
}

/** How many processors `/sys` shows online: `0-3,8-11`. */
export function onlineProcessors(files: readonly SysfsFile[]): number | undefined {
  const stated = sysfsText(files, 'sys/devices/system/cpu/online');
  if (stated === undefined || !/^\d{1,5}(?:[-,]\d{1,5}){0,60}$/.test(stated.value)) return undefined;
  let count = 0;
  for (const range of stated.value.split(',')) {
    const [first, last] = range.split('-').map(Number) as [number, number | undefined];
    count += Math.max(0, (last ?? first) - first + 1);
  }
  return count === 0 ? undefined : count;
}

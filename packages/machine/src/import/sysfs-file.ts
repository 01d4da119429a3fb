import type { CapturedFile } from '../capture/captured-file.ts';

/** A file of `/sys`, which may stand in a report instead of by itself. */
export interface SysfsFile extends CapturedFile {
  readonly place?: { readonly file: string; readonly line: number };
}

/** Where a file of `/sys` was found. */
export function placeOfSysfs({ path, place }: SysfsFile): { readonly file: string; readonly line?: number } {
  return place ?? { file: path };
}

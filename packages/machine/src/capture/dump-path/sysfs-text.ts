import { captureText, eachLine } from '../../import/input-limits.ts';
import { placeOfSysfs, type SysfsFile } from '../../import/sysfs-file.ts';
import type { Stated } from '../host-facts.ts';

/** What a file of one line says, without its end. */
export function shortText(file: SysfsFile): string {
  return captureText(file.content.slice(0, 250), file.path).trim();
}

/** The lines of a file that lists names, without those that are empty or too long to be one. */
export function textLines(file: SysfsFile): Stated<string>[] {
  const { file: name, line: first } = placeOfSysfs(file);
  const lines: Stated<string>[] = [];
  eachLine(captureText(file.content.slice(0, 256 * 1024), file.path), (line, number) => {
    const value = line.trim();
    if (value !== '' && value.length <= 250)
      lines.push({ value, file: name, line: (first ?? 1) + number - 1 });
  });
  return lines;
}

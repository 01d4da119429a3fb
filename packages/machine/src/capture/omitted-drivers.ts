import type { Stated } from './host-facts.ts';

/** Drivers of one line. */
const MAX_DRIVERS = 200;
const option = /--omit-drivers[= \t]+(?:"([^"]{1,2000})"|'([^']{1,2000})'|([^\s"']{1,200}))/;

/** Drivers that `dracut_args --omit-drivers "…"` of kdump.conf(5) keeps out of the crash kernel's initial file system. */
export function omittedDrivers(text: string, file: string, firstLine: number): Stated<string>[] {
  const found: Stated<string>[] = [];
  for (const [index, raw] of text
    .slice(0, 256 * 1024)
    .split('\n')
    .entries()) {
    const line = raw.trim().slice(0, 4096);
    if (!line.startsWith('dracut_args')) continue;
    const [, double, single, bare] = option.exec(line) ?? [];
    for (const name of (double ?? single ?? bare ?? '').split(/[\s,]+/)) {
      if (name !== '' && found.length < MAX_DRIVERS)
        found.push({ value: name, file, line: firstLine + index });
    }
  }
  return found;
}

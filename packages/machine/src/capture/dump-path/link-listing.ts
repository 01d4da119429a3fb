import { eachLine } from '../../import/input-limits.ts';
import type { SysfsFile } from '../../import/sysfs-file.ts';

const MAX_LINKS = 100_000;
const MAX_LINE = 1000;
/** Folders whose links say something. */
const wanted = /^(?:sys\/(?:block|class\/block|class\/net)|dev\/disk\/by-[a-z]{1,20}|dev\/md)$/;

/**
 * Symbolic links in what `ls -l` or `ls -lR` printed of `/sys` and `/dev`.
 * @param folder of a listing that names none, because only one was asked for
 */
export function linksOfListing(
  text: string,
  { file, firstLine, folder }: { readonly file: string; readonly firstLine: number; readonly folder: string },
): SysfsFile[] {
  const links: SysfsFile[] = [];
  let here = folder.replace(/^\/|\/$/g, '');
  eachLine(text, (line, number) => {
    if (line.length > MAX_LINE || links.length >= MAX_LINKS) return;
    const heading = /^\/([^\s:]+):$/.exec(line)?.[1];
    if (heading !== undefined) here = heading;
    else if (line.startsWith('l') && wanted.test(here)) {
      const arrow = line.indexOf(' -> ');
      const name = arrow < 0 ? undefined : line.slice(line.lastIndexOf(' ', arrow - 1) + 1, arrow);
      if (name === undefined || name === '') return;
      const place = { file, line: firstLine + number - 1 };
      links.push({ path: `${here}/${name}`, content: '', link: line.slice(arrow + 4), place });
    }
  });
  return links;
}

/** The folder that a command lists: `/dev/disk/by-uuid` of `ls -l /dev/disk/by-uuid`, or of the file `ls_-l_.dev.disk.by-uuid`. */
export function listedFolder(command: string): string {
  const last =
    command
      .trim()
      .split(/[\s_]+/)
      .at(-1) ?? '';
  return last.startsWith('.') ? last.replaceAll('.', '/') : last;
}

import type { BundledFile, UnreadFile } from '@quiesce/machine';
import type { Placeholders } from './placeholders.ts';
import { redactConfigSpace } from './redact-config-space.ts';
import { redactLine } from './redact-line.ts';

/**
 * The files of a capture without what tells whose machine it is. The lengths of binary files stay, and
 * so do paths and links but for those of interfaces and of names of devices. What the kernel itself writes below `sys` has a
 * form that has no room for secrets, and stays too.
 * @param hostNames of hostNamesOf; looked for where people and logs write
 */
export function redactFiles(
  files: readonly BundledFile[],
  placeholders: Placeholders,
  hostNames: readonly string[] = [],
): BundledFile[] {
  return files.map((file): BundledFile => {
    const path = redactPath(file.path, placeholders, hostNames);
    if ('link' in file) {
      const link = isTelling(file.path) ? redactLine(file.link, placeholders, hostNames) : file.link;
      return { path, link };
    }
    if ('text' in file) {
      if (isForm(file.path)) return { path, text: file.text };
      const names = isWithoutNames(file.path) ? [] : hostNames;
      const redact = /^proc\/net\/(?:ipv6_)?route$/.test(path) ? redactRoutes : redactText;
      return { path, text: redact(file.text, placeholders, names, path) };
    }
    if (!file.path.endsWith('/config')) return file;
    const config = redactConfigSpace(Buffer.from(file.hex, 'hex'), placeholders);
    return { path, hex: Buffer.from(config).toString('hex') };
  });
}

/** What could not be read, by a path without what tells whose machine it is. */
export function redactUnread(
  { path, reason }: UnreadFile,
  placeholders: Placeholders,
  hostNames: readonly string[],
): UnreadFile {
  return { path: redactPath(path, placeholders, hostNames), reason };
}

/** Interfaces are named for their MAC addresses, devices for what people call them. */
function isTelling(path: string): boolean {
  return path.startsWith('sys/class/net/') || path.startsWith('dev/');
}

function redactPath(path: string, placeholders: Placeholders, hostNames: readonly string[]): string {
  return isTelling(path) ? redactLine(`/${path}`, placeholders, hostNames).slice(1) : path;
}

/** Files of `sys` in which nobody can write anything: all but what firmware, and who named a volume or an interface, says. */
function isForm(path: string): boolean {
  return path.startsWith('sys/') && !path.startsWith('sys/class/dmi/') && !isNamed(path);
}

function isNamed(path: string): boolean {
  return path.startsWith('sys/class/net/') || path.endsWith('/dm/name');
}

function isWithoutNames(path: string): boolean {
  return (path.startsWith('sys/') && !isNamed(path)) || path === 'proc/iomem';
}

/** Routes without their addresses; that one was kept, and how long its mask is, is all that is needed of it. */
function redactRoutes(
  routes: string,
  placeholders: Placeholders,
  hostNames: readonly string[],
  path: string,
): string {
  const hidden = (address: string): string => {
    const zeros = '0'.repeat(address.length);
    if (address !== zeros) placeholders.numberOf('ip-address', address.toLowerCase());
    return zeros;
  };
  if (path === 'proc/net/route') {
    return redactText(routes, placeholders, hostNames).replace(
      /^([^\t\n]*)\t([0-9A-F]{8})\t([0-9A-F]{8})\t/gm,
      (_, name: string, to: string, by: string) => `${name}\t${hidden(to)}\t${hidden(by)}\t`,
    );
  }
  // Addresses of 32 digits would be taken for UUIDs: of the rest of a line, only the name of the interface can tell.
  return routes.replace(
    /^((?:[^ \n]+ ){4})([0-9a-f]{32})( [^\n]* )([^ \n]+)$/gm,
    (_, before: string, by: string, between: string, name: string) =>
      `${before}${hidden(by)}${between}${redactLine(name, placeholders, hostNames)}`,
  );
}

/** {@link redactLine} of each line. */
export function redactText(
  text: string,
  placeholders: Placeholders,
  hostNames: readonly string[] = [],
): string {
  return text
    .split('\n')
    .map((line) => redactLine(line, placeholders, hostNames))
    .join('\n');
}

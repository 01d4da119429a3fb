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
      const text = isForm(file.path)
        ? file.text
        : redactText(file.text, placeholders, isWithoutNames(file.path) ? [] : hostNames);
      return { path, text: file.path === 'proc/net/route' ? withoutAddresses(text, placeholders) : text };
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

/** Destination and gateway of routes; that a route was kept, and how long its mask is, is all that is needed of it. */
function withoutAddresses(routes: string, placeholders: Placeholders): string {
  return routes.replace(
    /^([^\t\n]*)\t([0-9A-F]{8})\t([0-9A-F]{8})\t/gm,
    (_, name: string, to: string, by: string) => {
      const [destination, gateway] = [to, by].map((address) => {
        if (address !== '00000000') placeholders.numberOf('ip-address', address.toLowerCase());
        return '00000000';
      });
      return `${name}\t${destination}\t${gateway}\t`;
    },
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

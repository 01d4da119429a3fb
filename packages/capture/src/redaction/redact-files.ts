import type { BundledFile } from '@quiesce/machine';
import type { Placeholders } from './placeholders.ts';
import { redactConfigSpace } from './redact-config-space.ts';
import { redactLine } from './redact-line.ts';

/**
 * The files of a capture without what tells whose machine it is. Paths, links and the lengths of binary files stay.
 * What the kernel itself writes below `sys` has a form that has no room for secrets, and stays too.
 * @param hostNames of hostNamesOf; looked for where people and logs write
 */
export function redactFiles(
  files: readonly BundledFile[],
  placeholders: Placeholders,
  hostNames: readonly string[] = [],
): BundledFile[] {
  return files.map((file): BundledFile => {
    if ('link' in file) return file;
    if ('text' in file) {
      if (file.path.startsWith('sys/') && !file.path.startsWith('sys/class/dmi/')) return file;
      const names = file.path.startsWith('sys/') || file.path === 'proc/iomem' ? [] : hostNames;
      return { path: file.path, text: redactText(file.text, placeholders, names) };
    }
    if (!file.path.endsWith('/config')) return file;
    const config = redactConfigSpace(Buffer.from(file.hex, 'hex'), placeholders);
    return { path: file.path, hex: Buffer.from(config).toString('hex') };
  });
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

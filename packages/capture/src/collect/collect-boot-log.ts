import { keptBootLog, type RunCommand } from './boot-log.ts';
import type { MachineReader } from './machine-reader.ts';

/** Where a boot log comes from, in the order of preference. */
const commands: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['dmesg', 'dmesg'],
  ['journalctl', 'journalctl', '-k', '-b', '-q', '--no-pager', '-o', 'short-monotonic'],
];

/**
 * The log of this boot, named `dmesg` or `journalctl` for what printed it, or the file that an init script left. What the
 * kernel's buffer has lost of its start is in the journal; where neither has it, the longest is kept.
 * @param run undefined for a machine that is not this one: only its file is read
 */
export function collectBootLog(reader: MachineReader, run: RunCommand | undefined): void {
  let found: { readonly name: string; readonly log: string } | undefined;
  for (const [name, command, ...args] of run === undefined ? [] : commands) {
    const result = (run as RunCommand)(command, args);
    if ('failure' in result) reader.fail(name, result.failure);
    else if (result.text.trim() === '') reader.fail(name, 'it printed nothing');
    else if (found === undefined || beginsWithBoot(result.text)) found = { name, log: result.text };
    if (found !== undefined && beginsWithBoot(found.log)) break;
  }
  if (found === undefined) {
    const log = reader.peek('var/log/dmesg');
    if (log === undefined) {
      reader.takeText('var/log/dmesg');
      return;
    }
    found = { name: 'var/log/dmesg', log };
  }
  const { text, ofPrograms, tooMany } = keptBootLog(found.log);
  reader.add({ path: found.name, text });
  if (!beginsWithBoot(found.log))
    reader.fail(found.name, 'its beginning is lost: later lines have taken its place');
  if (ofPrograms > 0) reader.fail(found.name, `${ofPrograms} lines of programs and networks were left out`);
  if (tooMany > 0) reader.fail(found.name, `${tooMany} lines were left out: it is larger than 2 MiB`);
}

function beginsWithBoot(log: string): boolean {
  return log.slice(0, 20_000).includes('Linux version ');
}

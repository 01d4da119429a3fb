import { type AcpiDump, parseAcpiDump, preset } from '@quiesce/machine';
import { printedAcpi, tableOf } from '../inputs/printed-machine.ts';
import { sharedFiles } from '../inputs/shared-captures.ts';
import type { Subject } from './subject.ts';

/** Text of `acpidump`: each heading of a table gave a table, or is in a note. */
export const acpiSubject: Subject = {
  name: 'acpidump',
  text: true,
  inputs: () => [
    new TextEncoder().encode(
      printedAcpi([
        ['FACP', new Uint8Array(244).fill(7)],
        ['DMAR', tableOf(preset('server-2012'))],
      ]),
    ),
    ...sharedFiles('machines', /^acpidump/, 12).filter((one) => one.length < 300_000),
  ],
  take: (input) => lostIn(new TextDecoder().decode(input), parseAcpiDump(input, { file: 'acpidump' })),
};

function lostIn(text: string, dump: AcpiDump): string | undefined {
  const known = new Set([...dump.tables, ...dump.notes].map(({ line }) => line));
  for (const [index, line] of text.split('\n').entries()) {
    if (!/^[A-Z]{4} @ 0x[0-9a-fA-F]{8}/.test(line) || known.has(index + 1)) continue;
    if (dump.notes.some(({ message }) => /not shown/.test(message))) return undefined;
    return `line ${index + 1}: the table is lost`;
  }
  return undefined;
}

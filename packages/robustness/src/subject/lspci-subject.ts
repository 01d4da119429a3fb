import { type LspciDump, parseLspci, preset } from '@quiesce/machine';
import { printedLspci } from '../inputs/printed-machine.ts';
import { sharedFiles } from '../inputs/shared-captures.ts';
import { ReportedPlaces } from './reported-places.ts';
import type { Subject } from './subject.ts';

const heading = /^(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}:[01][0-9a-f]\.[0-7]) \S/;
const row = /^([0-9a-f]{1,2}0): ((?:[0-9a-f]{2} ){15}[0-9a-f]{2})$/;

/** Text of `lspci` with rows of bytes: each heading and each whole row is in the result, or its line is in a note. */
export const lspciSubject: Subject = {
  name: 'lspci',
  text: true,
  inputs: () => [
    ...['q35-lab', 'server-2012'].map((name) => new TextEncoder().encode(printedLspci(preset(name)))),
    ...sharedFiles('machines', /^lspci-nn.*xxxx/, 3),
  ],
  take: (input) => lostIn(new TextDecoder().decode(input), parseLspci(input, { file: 'lspci' })),
};

function lostIn(text: string, dump: LspciDump): string | undefined {
  const reported = new ReportedPlaces(dump.notes);
  const byName = new Map(dump.functions.map((one) => [one.name, one]));
  let open: string | undefined;
  // Of several dumps that differ one is used: a note names the headings.
  const different = new Set(
    dump.notes.flatMap(({ message }) => /^(\S+) has different bytes in lines/.exec(message)?.[1] ?? []),
  );
  // Foreign text before a row may be the beginning of its label.
  let isSound = false;
  for (const [index, raw] of text.split('\n').entries()) {
    const number = index + 1;
    const line = raw.replace(/\r$/, '').replace(/^(?: *[>|"])* */, '');
    const afterSound = isSound;
    const head = heading.exec(line);
    const bytes = row.exec(line);
    isSound = head !== null || bytes !== null || line === '' || line.startsWith('\t');
    if (head !== null) {
      open = `${Number.parseInt(head[1] ?? '0', 16)
        .toString(16)
        .padStart(4, '0')}:${head[2]}`;
      if (byName.has(open) || reported.within(number, number)) continue;
      return `line ${number}: ${open} is lost`;
    }
    const found = open === undefined ? undefined : byName.get(open);
    if (bytes === null || found === undefined || !afterSound || different.has(found.name)) continue;
    const offset = Number.parseInt(bytes[1] as string, 16);
    const held = [...found.bytes.subarray(offset, offset + 16)].map((one) =>
      one.toString(16).padStart(2, '0'),
    );
    if (held.join(' ') === bytes[2] || reported.within(number, number)) continue;
    return `line ${number}: row ${bytes[1]} of ${open} is lost`;
  }
  return undefined;
}

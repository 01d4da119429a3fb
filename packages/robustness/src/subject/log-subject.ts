import { diagnoseText } from '@quiesce/diagnose';
import { carriedLogs } from '../inputs/carried-logs.ts';
import { crashLogs } from '../inputs/crash-logs.ts';
import { sharedFiles } from '../inputs/shared-captures.ts';
import type { Subject } from './subject.ts';

/** What every fault line of Linux, whole or damaged, has in it. */
const likeFault = /\] fault (?:addr|index) |IO_PAGE_FAULT/;

/** Kernel logs: each line with the words of a fault is in a fault, an event or a note. */
export const logSubject: Subject = {
  name: 'log',
  text: true,
  inputs: () => [...bytesOf(crashLogs()), ...sharedFiles('logs', /\.txt$/, 40)],
  take: lostLine,
};

/** The same in carriers with a grammar of their own, such as journals in JSON. */
export const carriedLogSubject: Subject = {
  name: 'carried-log',
  text: true,
  inputs: () => bytesOf(carriedLogs()),
  take: lostLine,
};

function bytesOf(logs: readonly string[]): Uint8Array[] {
  return logs.map((one) => new TextEncoder().encode(one));
}

function lostLine(input: Uint8Array): string | undefined {
  const told = new Set<number>();
  const { notes, lines, events } = diagnoseText(input, {
    file: 'log',
    onFault: ({ line, lastLine }) => {
      for (let at = line; at <= (lastLine ?? line); at++) told.add(at);
    },
  });
  for (const { line } of [...notes, ...events]) told.add(line);
  const text = new TextDecoder().decode(input).split('\n');
  if (notes.some(({ message }) => /not shown/.test(message))) return undefined;
  for (const [index, line] of text.entries()) {
    if (likeFault.test(line) && !told.has(index + 1)) return `line ${index + 1} of ${lines} is lost`;
  }
  return undefined;
}

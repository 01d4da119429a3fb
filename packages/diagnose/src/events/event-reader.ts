import type { LogEvent } from '../diagnosis.ts';
import type { LogLine } from '../faults/found-fault.ts';
import { driverFailures } from './driver-failures.ts';
import { type EventRow, eventTable } from './event-table.ts';

const DEVICE = /\b([0-9a-f]{4,5}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])\b/i;
const MAX_TEXT = 400;
/** Drivers put up to so many characters before what they say. */
const LATEST_START = 80;
/** Words without which no row fits; a row is looked at only where it has one. */
export const eventRows: readonly EventRow[] = [...eventTable, ...driverFailures];
/** All of them at once: ten times as fast as one after the other, and most lines have none. */
const ANY_WORD: RegExp = new RegExp(
  eventRows
    .flatMap((row) => row.words)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('|'),
);

/** The event that a line tells of; undefined if it tells of none. */
export function readEvent(line: LogLine): LogEvent | undefined {
  const text = line.message.length > MAX_TEXT ? line.message.slice(0, MAX_TEXT) : line.message;
  if (!ANY_WORD.test(text)) return;
  const row = eventRows.find((one) => one.words.some((word) => text.includes(word)) && one.is.test(text));
  if (row === undefined || isAbout(text, row.is)) return;
  const device = DEVICE.exec(text)?.[1]?.toLowerCase();
  const { seconds } = line.carried;
  return {
    kind: row.kind,
    line: line.number,
    kernel: line.kernel,
    phase: line.phase,
    text: text.trim(),
    ...(seconds === undefined ? {} : { seconds }),
    ...(device === undefined ? {} : { device }),
    ...(row.kind === 'suppressed'
      ? { count: Number(/(\d+) (?:callbacks|output)/.exec(text)?.[1] ?? 0) }
      : {}),
  };
}

/** Words about an event: quoted, listed, or deep in a sentence. A driver and its device may stand before a message. */
function isAbout(text: string, words: RegExp): boolean {
  return /^[*#"'`|]/.test(text) || text.search(words) > LATEST_START;
}

import { eventRows } from '../events/event-reader.ts';
import { landmarkWords } from '../kernels/landmarks.ts';
import { platformUnitWords } from '../lines/platform-unit-line.ts';
import { smmuV2Words } from '../lines/smmu-v2-line.ts';

/** Words of which every line has one that this package reads: all other lines are passed over unread. */
export const needles: readonly string[] = [
  ...new Set([
    // Units, tables and faults of all architectures.
    ...[
      'DMAR',
      'dmar',
      'AMD-Vi',
      '[VT-D]',
      'INTR-REMAP',
      'arm-smmu',
      'IRQ remapping',
      'fault addr',
      'fault reason',
    ],
    ...['fault index', 'Request device', 'IO_PAGE_FAULT', 'Event logged', 'SMMU', 'BIOS-e820'],
    ...platformUnitWords,
    ...smmuV2Words,
    // Messages that journals print as a list of bytes, and what is put together from several lines.
    ...[
      '"MESSAGE":[',
      '"MESSAGE": [',
      '"MESSAGE" : [',
      ',ncfrag=',
      'ic#1 Part',
      'ps#1 Part',
      'cy#1 Part',
      'wn#1 Part',
    ],
    // With what an entry of several lines begins, where such a part of a file begins.
    ...['__CURSOR=s=', '"__CURSOR" : ', '"__CURSOR": ', ' [s='],
    ...landmarkWords,
    ...eventRows.flatMap((row) => row.words),
  ]),
];

const ANY: RegExp = new RegExp(
  needles.map((needle) => needle.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'),
);

/** True for a text with one of these words; for messages that were decoded already. */
export function hasNeedle(text: string): boolean {
  return ANY.test(text);
}

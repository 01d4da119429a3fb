import type { FaultReason } from './fault-reasons.ts';

type Row = readonly [
  code: number,
  qualified: boolean,
  section: string,
  text: string,
  meaning: string,
  afterCrash: string,
];

const rows: readonly Row[] = [
  [
    0x20,
    false,
    '5.1.4.1',
    'Detected reserved fields in the decoded interrupt-remapped request',
    'The message in remappable form has reserved bits set in its address or data.',
    'A device sends a message that was written over, or one that was composed for other hardware.',
  ],
  [
    0x21,
    false,
    '5.1.4.1',
    'Interrupt index exceeded the interrupt-remapping table size',
    'The index of the message lies beyond the end of the table.',
    'The second kernel set up a smaller table, and the device still uses an index of the first kernel.',
  ],
  [
    0x22,
    true,
    '5.1.4.1',
    'Present field in the IRTE entry is clear',
    'The entry that the message names is not present.',
    'Kernels before 4.2 put an empty table in place, while devices go on sending the messages of the first kernel.',
  ],
  [
    0x23,
    false,
    '5.1.4.1',
    'Error accessing interrupt-remapping table pointed by IRTA_REG',
    'Reading the entry failed: the table pointer leads to no memory.',
    'The interrupt table pointer was set from a bad value.',
  ],
  [
    0x24,
    true,
    '5.1.4.1',
    'Detected reserved fields in the IRTE entry',
    'A present entry has reserved bits set.',
    'The old table was overwritten before it was copied.',
  ],
  [
    0x25,
    false,
    '5.1.4.1',
    'Blocked a compatibility format interrupt request',
    'The message names its destination itself, and such messages are not let through.',
    'A device (often one behind firmware) was never told the remappable form, or remapping came on while it used the old one.',
  ],
  [
    0x26,
    true,
    '5.1.4.1',
    'Blocked an interrupt request due to source-id verification failure',
    'The entry belongs to another requester than the one that sent the message.',
    'The second kernel gave the index to another device, and the old owner still uses it.',
  ],
  [
    0x27,
    true,
    '5.2.3',
    'Error accessing the posted-interrupt descriptor',
    'The entry is in posted form, and reading or updating its descriptor failed.',
    'An entry of a virtual machine of the first kernel was overwritten or copied without its descriptor.',
  ],
  [
    0x28,
    true,
    '5.2.3',
    'Detected reserved fields in the posted-interrupt descriptor',
    'The entry is in posted form, and its descriptor has reserved bits set.',
    'The descriptor lay in memory that was reused.',
  ],
];

/** Interrupt remapping. Linux has texts up to 0x26. */
export const interruptFaultReasons: readonly FaultReason[] = rows.map(
  ([code, qualified, section, text, meaning, afterCrash]) => ({
    code,
    class: 'interrupt',
    text,
    meaning,
    afterCrash,
    qualified,
    knownToLinux: code <= 0x26,
    section,
  }),
);

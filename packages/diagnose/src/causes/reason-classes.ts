/** What a fault reason of VT-d says about the tables. */
export type ReasonClass =
  | 'not-present'
  | 'no-permission'
  | 'malformed'
  | 'too-wide'
  | 'device-translations'
  | 'process-address-space'
  | 'interrupt-absent'
  | 'interrupt-format'
  | 'interrupt-source'
  | 'other';

const classes: readonly (readonly [ReasonClass, readonly number[]])[] = [
  ['not-present', [0x01, 0x02, 0x39, 0x41]],
  ['no-permission', [0x05, 0x06, 0x71, 0x78, 0x79, 0x85, 0x86]],
  [
    'malformed',
    [
      0x03, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x38, 0x3a, 0x40, 0x42, 0x43, 0x48, 0x50, 0x52, 0x58, 0x5a,
      0x5b, 0x70, 0x72, 0x73, 0x7a, 0x7b,
    ],
  ],
  ['too-wide', [0x04, 0x80, 0x83, 0x84]],
  ['device-translations', [0x0d, 0x44]],
  ['process-address-space', [0x31, 0x32, 0x45, 0x46, 0x47, 0x51, 0x59, 0x5c, 0x5d]],
  ['interrupt-absent', [0x20, 0x21, 0x22, 0x23, 0x24]],
  ['interrupt-format', [0x25]],
  ['interrupt-source', [0x26]],
];

/** The class of a reason. */
export function reasonClass(reason: number | undefined): ReasonClass {
  if (reason === undefined) return 'other';
  return classes.find(([, reasons]) => reasons.includes(reason))?.[0] ?? 'other';
}

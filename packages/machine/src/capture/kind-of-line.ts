import { stripCarrier } from '../import/lspci-row.ts';
import type { SourceKind } from './imported-capture.ts';

/** Longer lines are of nothing that is known here, and are not looked at. */
const MAX_LOOKED_AT = 4096;

const patterns: readonly (readonly [SourceKind, RegExp])[] = [
  ['lspci', /^(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7] (?:[A-Z]|[0-9a-f]{4}: )/],
  ['lspci', /^[0-9a-f]{2,3}: (?:[0-9a-f]{2} ){7}/],
  ['lspci-machine-readable', /^(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7] "/],
  ['lspci-machine-readable', /^(?:Slot|Device|Class|Vendor|SVendor|SDevice|Rev|ProgIf):\t/],
  ['lspci-tree', /^[ |]*[-+\\]+(?:\[[0-9a-f]{4,8}:[0-9a-f]{2}\]|\[[0-9a-f]{2}\]-)/],
  ['iomem', /^ *[0-9a-f]{8,16}-[0-9a-f]{8,16} : /],
  ['acpi-text', /^ *"?[A-Z][A-Z0-9_!]{3}"? @ (?:0x)?[0-9A-Fa-f]{8,16}/],
  ['acpi-text', /^ +[0-9A-Fa-f]{4,8}: (?:[0-9A-Fa-f]{2} ){4}/],
  ['iasl', /^\[[0-9A-Fa-f]{3,4}h [0-9]{4} +[0-9A-Fa-f]{1,4}h?\]/],
  ['iasl', /^ \* Intel ACPI Component Architecture/],
  ['boot-log', /^(?:<[0-9]{1,3}>)?\[ *[0-9]{1,8}\.[0-9]{6}\]/],
  ['boot-log', /^[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} \S+ kernel: /],
  ['boot-log', /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.,]{8,15}\S* \S+ kernel: /],
  ['boot-log', /^\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} [0-9]{4}\]/],
  [
    'boot-log',
    /^(?:Linux version |Kernel command line: |BIOS-e820: |DMAR: |AMD-Vi: |ACPI: [A-Z]|e820: |pci [0-9a-f]{4}:)/,
  ],
];

/** What a line belongs to beyond doubt, whatever stands around it; undefined for all others. */
export function kindOfLine(raw: string): SourceKind | undefined {
  if (raw.length > MAX_LOOKED_AT || raw.charCodeAt(0) === 9) return undefined;
  for (const line of raw.charCodeAt(0) === 62 ? [stripCarrier(raw)] : [raw]) {
    for (const [kind, pattern] of patterns) if (pattern.test(line)) return kind;
  }
  return undefined;
}

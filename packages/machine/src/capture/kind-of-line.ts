import { stripLogCarrier } from '../import/log-carrier.ts';
import type { SourceKind } from './imported-capture.ts';

/** Longer lines are of nothing that is known here, and are not looked at. */
const MAX_LOOKED_AT = 4096;

type Pattern = readonly [SourceKind, RegExp];

/** Lines that begin with a digit or a letter of a hexadecimal number. */
const digitFirst: readonly Pattern[] = [
  ['lspci', /^(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7] (?:[A-Z]|3D |[0-9a-f]{4}: )/],
  ['lspci', /^[0-9a-f]{2,3}: (?:[0-9a-f]{2} ){7}/],
  ['lspci-machine-readable', /^(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7] "/],
  // The first row of a table in a dump of xxd, hexdump -C or od: DMAR, MCFG, APIC, IVRS.
  ['acpi-text', /^0{6,8}(?:: | {1,2})(?:44 ?4d ?41 ?52|4d ?43 ?46 ?47|41 ?50 ?49 ?43|49 ?56 ?52 ?53)/i],
  ['iomem', /^[0-9a-f]{8,16}-[0-9a-f]{8,16} : /],
];
const others: readonly Pattern[] = [
  ['sysfs', /^\/sys\/kernel\/iommu_groups\/\d{1,6}\/devices\/[0-9a-f]{4,8}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]$/],
  ['kernel-version', /^Linux \S{1,253} \d\S{0,119} #\d/],
  ['command-line', /^BOOT_IMAGE=\S{1,400} \S/],
  ['lspci-machine-readable', /^(?:Slot|Device|Class|Vendor|SVendor|SDevice|Rev|ProgIf):\t/],
  ['lspci-tree', /^[ |]{0,200}[-+\\]{1,8}(?:\[[0-9a-f]{4,8}:[0-9a-f]{2}\]|\[[0-9a-f]{2}\]-)/],
  ['iomem', /^ {1,64}[0-9a-f]{8,16}-[0-9a-f]{8,16} : /],
  ['acpi-text', /^ {0,8}"?[A-Z][A-Z0-9_!]{3}"? @ (?:0x)?[0-9A-Fa-f]{8,16}/],
  ['acpi-text', /^ {1,8}[0-9A-Fa-f]{4,8}: (?:[0-9A-Fa-f]{2} ){4}/],
  ['iasl', /^\[[0-9A-Fa-f]{3,4}h [0-9]{4} {1,4}[0-9A-Fa-f]{1,4}h?\]/],
  // journalctl -o json and json-sse, and docker
  ['boot-log', /^(?:data: )?\{"(?:log":"|(?:.{0,2000},")?(?:__CURSOR|_BOOT_ID|_TRANSPORT)":)/],
  ['iasl', /^ \* Intel ACPI Component Architecture/],
];
/** Messages of a kernel that are known without a stamp. */
const message =
  /^(?:Linux version \d|(?:Kernel c|C)ommand line: |BIOS-e820: |BIOS-provided physical RAM map|DMAR(?:-IR)?:|dmar: |INTR-REMAP:|AMD-Vi: |ACPI: [A-Z]{4} |e820: |pci [0-9a-f]{4}:|PCI host bridge to bus |NMI: |dmar_fault: )/;

/** What a line belongs to beyond doubt, whatever stands around it; undefined for all others. */
export function kindOfLine(line: string): SourceKind | undefined {
  const first = line.charCodeAt(0);
  if (line.length > MAX_LOOKED_AT || first === 9) return undefined;
  // Quoted in a mail.
  if (first === 62) return kindOfLine(line.replace(/^(?:> ?){1,20}/, '').replace(/^>+/, ''));
  const digit = (first >= 48 && first <= 57) || (first >= 97 && first <= 102);
  for (const [kind, pattern] of digit ? digitFirst : others) if (pattern.test(line)) return kind;
  return isLogLine(line) ? 'boot-log' : undefined;
}

function isLogLine(line: string): boolean {
  const carried = stripLogCarrier(line);
  if (carried.seconds !== undefined || carried.tag === 'kernel' || carried.xen) return true;
  return message.test(carried.message);
}

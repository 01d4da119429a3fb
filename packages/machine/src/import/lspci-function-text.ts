import { putBridgeLine, putCardBusLine } from './lspci-bridge-text.ts';
import { type CapabilityText, putCapabilities, readCapabilityHeading } from './lspci-capability-text.ts';
import { DecodedSpace } from './lspci-decoded-space.ts';
import { putHeaderLine, putIdentity } from './lspci-header-text.ts';
import type { FunctionIdentity } from './lspci-heading.ts';
import { RegionText } from './lspci-region-text.ts';
import type { TextLine } from './lspci-text-register.ts';

/** A line below a function's heading, without its indentation. */
export interface DetailLine extends TextLine {
  /** 1 for the function itself, 2 for what belongs to a capability, 3 for what goes on with the line before. */
  readonly depth: number;
}

/** Everything that the text says of a function, apart from its bytes. */
export interface FunctionText {
  readonly identity: FunctionIdentity;
  /** Words of the heading. */
  readonly label: string;
  readonly details: readonly DetailLine[];
  /** Line of the heading. */
  readonly line: number;
}

/** The config space as far as the text goes; `first` puts what is known from elsewhere. */
export function decodeFunction(
  text: FunctionText,
  note: (message: string, line: number) => void,
  first?: (space: DecodedSpace) => void,
): DecodedSpace {
  const space = new DecodedSpace();
  first?.(space);
  const { header, capabilities } = arrange(text.details);
  const headerType = headerTypeOf(text.identity, header);
  // -k prints lines of the system and none of the function's registers.
  const verbose = header.some(({ text: line }) => line.startsWith('Control: ') || line.startsWith('Flags: '));
  putIdentity(space, text.identity, { headerType, verbose }, text.line);
  const regions = new RegionText();
  for (const one of header) {
    if (putHeaderLine(space, one, headerType) || regions.take(one)) continue;
    if (headerType === 1) putBridgeLine(space, one);
    else if (headerType === 2) putCardBusLine(space, one);
  }
  regions.put(space, { headerType, ahci: text.identity.classCode === 0x0106 });
  putCapabilities(space, capabilities, note);
  assumeInterface(space, text, verbose);
  assumeIdentity(space, text.identity);
  assumeForwarding(space);
  return space;
}

/** What the class leaves open decides which engine and which driver a function has. */
function assumeInterface(
  space: DecodedSpace,
  { identity, label, line }: FunctionText,
  verbose: boolean,
): void {
  const { classCode, programmingInterface } = identity;
  if (classCode === undefined || programmingInterface !== undefined) return;
  // With -v lspci says it wherever it is not zero.
  if (verbose) space.put(0x09, 1, 0, 0xff, line);
  else if (classCode === 0x0c03) space.assume(0x09, 1, usbInterface(label), 0xff);
  else if (classCode === 0x0106) space.assume(0x09, 1, 0x01, 0xff);
  else if (classCode === 0x0108) space.assume(0x09, 1, 0x02, 0xff);
}

/** USB host controllers by the words in their names; most of those that have none are newer than the others. */
function usbInterface(label: string): number {
  if (/UHCI|USB1/.test(label)) return 0x00;
  if (label.includes('OHCI')) return 0x10;
  if (/EHCI|Enhanced Host|USB2/.test(label)) return 0x20;
  return 0x30;
}

/** I/O Space, Memory Space and Bus Master Enable: a bridge that kernels work with passes requests on, both ways. */
function assumeForwarding(space: DecodedSpace): void {
  if ((space.get(0x0e, 1) & 0x7f) === 1) space.assume(0x04, 1, 0x07, 0x07);
}

/** A function of vendor 0 is none: whoever looks for functions passes it over. */
function assumeIdentity(space: DecodedSpace, { vendor, device }: FunctionIdentity): void {
  if (vendor === undefined) space.assume(0x00, 2, 0x0001, 0xffff);
  if (device === undefined) space.assume(0x02, 2, 0x0000, 0xffff);
}

/** Lines of the header, and each capability with its own. What is indented deeper goes on with the line above. */
function arrange(details: readonly DetailLine[]): { header: TextLine[]; capabilities: CapabilityText[] } {
  const header: TextLine[] = [];
  const capabilities: (CapabilityText & { lines: TextLine[] })[] = [];
  let current: TextLine[] = header;
  for (const { depth, text, line } of details) {
    if (depth === 1) {
      const heading = readCapabilityHeading({ text, line });
      if (heading === undefined) {
        current = header;
        header.push({ text, line });
        continue;
      }
      current = [];
      capabilities.push({ ...heading, lines: current });
      continue;
    }
    const before = current.at(-1);
    const goesOn = before !== undefined && (depth > 2 || current === header) && before.text.length < 1000;
    if (goesOn) current[current.length - 1] = { text: `${before.text} ${text}`, line: before.line };
    else current.push({ text, line });
  }
  return { header, capabilities };
}

function headerTypeOf({ classCode }: FunctionIdentity, header: readonly TextLine[]): number {
  const bus = header.some(({ text }) => text.startsWith('Bus: primary='));
  if (classCode === 0x0607) return 2;
  if (bus || classCode === 0x0604) return 1;
  return 0;
}

import { capabilityId } from './lspci-capability-names.ts';
import {
  putAdvancedFeatures,
  putBridgeSubsystem,
  putMsi,
  putMsix,
  putPowerManagement,
  putVendorSpecific,
} from './lspci-conventional-text.ts';
import type { DecodedSpace } from './lspci-decoded-space.ts';
import { putExpress } from './lspci-express-text.ts';
import { putExtended } from './lspci-extended-text.ts';
import type { TextLine } from './lspci-text-register.ts';

/** A capability as the text describes it. */
export interface CapabilityText {
  readonly offset: number;
  /** Of an extended capability; -v leaves it out. */
  readonly version: number | undefined;
  /** What stands behind the offset. */
  readonly heading: TextLine;
  /** Lines that are indented below it, each with what is indented below that. */
  readonly lines: readonly TextLine[];
}

const capability = /^Capabilities: \[([0-9a-f]{2,3})(?: v(\d{1,2}))?\] (.*)$/;

/** The line that begins a capability; undefined if the line is none. */
export function readCapabilityHeading({ text, line }: TextLine): Omit<CapabilityText, 'lines'> | undefined {
  const match = capability.exec(text);
  if (match === null) return undefined;
  return {
    offset: Number.parseInt(match[1] as string, 16),
    version: match[2] === undefined ? undefined : Number(match[2]),
    heading: { text: (match[3] as string).trim(), line },
  };
}

/** Puts capabilities into the config space, linked in the order of the text, which is that of the chain. */
export function putCapabilities(
  space: DecodedSpace,
  listed: readonly CapabilityText[],
  note: (message: string, line: number) => void,
): void {
  const conventional: Link[] = [];
  const extended: Link[] = [];
  const offsets = new Set<number>();
  for (const one of listed) {
    const isExtended = one.offset >= 0x100;
    const id = capabilityId(one.heading.text, isExtended);
    const at = one.offset.toString(16);
    if (one.offset < 0x40 || one.offset % 4 !== 0) {
      note(`no capability can stand at ${at}: passed over`, one.heading.line);
    } else if (offsets.has(one.offset)) {
      note(`a second capability at ${at}: passed over`, one.heading.line);
    } else if (id === undefined) {
      note(`a capability that is not known here at ${at}: passed over`, one.heading.line);
    } else {
      offsets.add(one.offset);
      (isExtended ? extended : conventional).push({ ...one, id });
    }
  }
  linkConventional(space, conventional);
  linkExtended(space, extended);
  for (const one of conventional) putConventional(space, one);
  for (const one of extended) putExtended(space, one.id, one.offset, one.heading, one.lines);
}

interface Link extends CapabilityText {
  readonly id: number;
}

/** PCI 3.0, 6.7: a list from the pointer at 34h, in a CardBus bridge at 14h. */
function linkConventional(space: DecodedSpace, links: readonly Link[]): void {
  const first = links[0];
  if (first === undefined) return;
  space.put(0x06, 1, 0x10, 0x10, first.heading.line);
  const cardBus = (space.get(0x0e, 1) & 0x7f) === 2;
  space.put(cardBus ? 0x14 : 0x34, 1, first.offset, 0xff, first.heading.line);
  for (const [i, { offset, id, heading }] of links.entries()) {
    space.put(offset, 1, id, 0xff, heading.line);
    space.put(offset + 1, 1, links[i + 1]?.offset ?? 0, 0xff, heading.line);
  }
}

/** PCI Express 6.0, 7.6: the list begins at 100h. */
function linkExtended(space: DecodedSpace, links: readonly Link[]): void {
  for (const [i, { offset, id, version, heading }] of links.entries()) {
    space.put(offset, 2, id, 0xffff, heading.line);
    const next = (links[i + 1]?.offset ?? 0) * 0x10;
    space.put(offset + 2, 2, next, 0xfff0, heading.line);
    if (version === undefined) space.assume(offset + 2, 1, 1, 0x0f);
    else if (version < 16) space.put(offset + 2, 1, version, 0x0f, heading.line);
  }
}

function putConventional(space: DecodedSpace, { id, offset, heading, lines }: Link): void {
  if (id === 0x01) putPowerManagement(space, offset, heading, lines);
  else if (id === 0x05) putMsi(space, offset, heading, lines);
  else if (id === 0x09) putVendorSpecific(space, offset, heading);
  else if (id === 0x0d) putBridgeSubsystem(space, offset, heading);
  else if (id === 0x10) putExpress(space, offset, heading, lines);
  else if (id === 0x11) putMsix(space, offset, heading, lines);
  else if (id === 0x13) putAdvancedFeatures(space, offset, heading, lines);
}

import type { DetailLine } from './lspci-function-text.ts';

/** How the lines of one function are indented, where blanks have taken the place of tabs. */
export interface Details {
  /** Blanks before the heading. */
  readonly heading: number;
  /** Blanks that stand for one tab; undefined before the first indented line. */
  unit: number | undefined;
}

const ofFunction =
  /^(?:DeviceName|Subsystem|Physical Slot|Control|Status|Flags|Latency|Interrupt|NUMA node|IOMMU group|Region \d|\[virtual\]|\[enhanced\]|Memory at|I\/O ports at|Expansion ROM at|Bus|I\/O behind bridge|Memory behind bridge|Prefetchable memory behind bridge|Memory window|I\/O window|Secondary status|BridgeCtl|Capabilities|Kernel driver in use|Kernel modules|!!! )/;
const ofCapability =
  /^(?:Dev|Lnk|Slt|Root|ACS|ARI|ATS|PRI|PASID|IOV|Dpc|UE|CE|AER|AF|PTM|L1Sub)(?:Cap|Ctl|Sta|Msk|Svrt|Cmd|Ctrl|Status|Control|SubCap|SubCtl)\d?:/;
const ofCapabilityToo =
  /^(?:Address|Masking|Vector table|PBA|HeaderLog|ErrorSrc|Initial VFs|VF offset|Supported Page Size|Page Request Capacity|Source|Bridge):/;

/** Whether the line begins as one of lspci's does that are indented. */
export function startsDetail(line: string): boolean {
  return ofFunction.test(line) || ofCapability.test(line) || ofCapabilityToo.test(line);
}

const flag = /^[<>]?[A-Za-z0-9/_-]{1,24}[+-],?$/;

/** Nothing but `Name+` and `Name-`: the rest of a line that a mail program has wrapped. */
export function isFlagsAlone(line: string): boolean {
  return line.length < 200 && line.split(' ').every((word) => flag.test(word));
}

/**
 * How deep a line stands below its function though it begins with no tab: by its blanks if there are more than before the
 * heading, or else by its words. Undefined if it is no line of lspci.
 */
export function detailDepth(
  line: string,
  raw: string,
  indentation: Details,
  before: readonly DetailLine[],
): number | undefined {
  const blanks = raw.length - raw.trimStart().length - indentation.heading;
  if (blanks > 0 && (startsDetail(line) || indentation.unit !== undefined)) {
    indentation.unit ??= blanks;
    return Math.max(1, Math.min(4, Math.floor(blanks / indentation.unit)));
  }
  if (!startsDetail(line)) return undefined;
  const inCapability = before.some(({ text, depth }) => depth === 1 && text.startsWith('Capabilities: ['));
  if (/^(?:Capabilities|Kernel )/.test(line)) return 1;
  return inCapability ? 2 : 1;
}

import type { LoggedFault, LoggedRequester } from '../diagnosis.ts';
import { isInterruptReason, type ReadReason, readReason } from './fault-reason-text.ts';
import { parseRequester } from './requester.ts';

/** How far a fault message could be read: what it has lost stands behind. */
export type FaultStage = 'head' | 'requester' | 'target' | 'reason';

/** A message of VT-d, on Linux or Xen, as far as it could be read. */
export interface VtdFaultLine {
  readonly stage: FaultStage;
  /** True where the message ended at a word's end, false where something unreadable follows. */
  readonly exhausted: boolean;
  readonly xen: boolean;
  readonly kind: 'dma' | 'interrupt';
  readonly operation?: 'read' | 'write';
  readonly requester?: LoggedRequester;
  readonly address?: string;
  readonly index?: number;
  readonly pasid?: number;
  readonly reason?: ReadReason;
  readonly shape: string;
  readonly damage: readonly string[];
  /** Why no kernel wrote this. */
  readonly impossible?: string;
}

type Draft = { -readonly [K in keyof VtdFaultLine]: VtdFaultLine[K] } & { damage: string[] };

/** `DMAR: `, `dmar: DMAR:`, `INTR-REMAP: ` and what serial lines leave of them. */
const PREFIX = /(\[VT-D\] ?)?((?:[A-Za-z-]{1,10}: ?){0,2})/y;
const DMA = /\[DMA (read|write)(?: (NO_PASID)| PASID (?:0x)?([0-9a-f]{1,8}))?\]\s*/iy;
const INTERRUPT = /(?:\[INTR-REMAP\]\s*)?(?=Request dev)/iy;
const REQUEST = /Request device\s*\[{1,2}([^\]\s]{1,20})\]\s*/iy;
const TARGET =
  /(?:PASID (?:0x)?([0-9a-f]{1,8})\s+)?fault (addr|index) (0x)?([0-9a-f]{1,16})(?![0-9a-z])(?:, iommu reg = \S{1,24})?\s*/iy;
const REASON = /(?:((?:DMAR|INTR-REMAP):)\s*)?\[fault reason ((?:0x)?[0-9a-f]{1,4})\]\s*/iy;
const SECOND_LINE =
  /^(?:\[VT-D\] ?)?(?:dmar: ?)?(DMAR|INTR-REMAP): ?(?:\[fault reason ((?:0x)?[0-9a-f]{1,4})\]|reason ((?:0x)?[0-9a-f]{1,4}) -)\s*(.*)$/i;

/** The second line of a message of two: Linux before about 4.8, and Xen. */
export interface FaultReasonLine {
  readonly kind: 'dma' | 'interrupt';
  readonly printed: string;
  readonly text: string;
}

/** Reads `DMAR:[fault reason 05] …`, `INTR-REMAP:[fault reason 34] …`, `[VT-D]DMAR: reason 02 - …`. */
export function parseReasonLine(message: string): FaultReasonLine | undefined {
  const found = SECOND_LINE.exec(message.trim());
  if (found === null) return;
  return {
    kind: /^d/i.test(found[1] as string) ? 'dma' : 'interrupt',
    printed: (found[2] ?? found[3]) as string,
    text: found[4] as string,
  };
}

/** Reads the message of a fault, in any shape of Linux and Xen; undefined if it does not begin as one. */
export function parseVtdFault(message: string): VtdFaultLine | undefined {
  const text = message.trim();
  const prefix = match(PREFIX, text, 0) as RegExpExecArray;
  const words = (prefix[2] as string).match(/[A-Za-z-]+/g) ?? [];
  if (!words.every((word) => isRemnant(word))) return;
  const dma = match(DMA, text, end);
  const interrupt = dma === null ? match(INTERRUPT, text, prefix[0].length) : null;
  if (dma === null && interrupt === null) return;
  const startLost = words.length === 0 && interrupt?.[0] === '';
  const draft: Draft = {
    stage: 'head',
    exhausted: true,
    xen: prefix[1] !== undefined,
    // Where the start was lost, the target tells.
    kind: dma !== null || (startLost && text.includes('fault addr')) ? 'dma' : 'interrupt',
    shape: '',
    damage: [],
  };
  if (startLost) draft.damage.push('start-lost');
  else if (!words.every((word) => /^(?:dmar|DMAR|INTR-REMAP)$/.test(word)))
    draft.damage.push('characters-lost');
  if (dma !== null) {
    const operation = dma[1] as string;
    draft.operation = /^r/i.test(operation) ? 'read' : 'write';
    if (operation === operation.toLowerCase()) draft.damage.push('retyped');
    setPasid(draft, dma[3]);
  }
  const printed = readRest(text, draft);
  draft.shape = shapeOf(draft, words, dma, printed);
  return draft;
}

/** Puts the second line to the first. */
export function withReason(fault: VtdFaultLine, line: FaultReasonLine): VtdFaultLine {
  const reason = readReason(line.printed, line.text, fault.xen);
  const impossible = fault.impossible ?? reason.contradiction ?? wrongKind(fault.kind, reason.code);
  return {
    ...fault,
    stage: 'reason',
    reason,
    damage: [...fault.damage, ...reason.damage],
    ...(impossible === undefined ? {} : { impossible }),
  };
}

/** Faults of a log are what a finished line comes to, but for where it stands. */
export function faultOf(line: VtdFaultLine): Omit<LoggedFault, 'line' | 'kernel'> {
  const { kind, operation, requester, address, index, pasid, reason, shape } = line;
  const damage = reason === undefined ? [...line.damage, 'reason-missing'] : line.damage;
  return {
    architecture: line.xen ? 'xen-vt-d' : 'vt-d',
    kind,
    ...(operation === undefined ? {} : { operation }),
    ...(requester === undefined ? {} : { requester }),
    ...(address === undefined ? {} : { address }),
    ...(index === undefined ? {} : { index }),
    ...(pasid === undefined ? {} : { pasid }),
    ...(reason?.code === undefined ? {} : { reason: reason.code }),
    reasonText: reason?.text ?? 'the log has lost the reason',
    ...(reason?.section === undefined ? {} : { section: reason.section }),
    shape,
    damage: [...new Set(damage)],
  };
}

/** What the fault's parts were printed like; the shape follows from it. */
interface Printed {
  readonly requester?: string;
  readonly pasidBeforeTarget: boolean;
  readonly targetPrefixed: boolean;
}

function readRest(text: string, draft: Draft): Printed {
  const request = match(REQUEST, text, end);
  const fault = request === null ? null : match(TARGET, text, end);
  const printed: Printed = {
    ...(request === null ? {} : { requester: request[1] as string }),
    pasidBeforeTarget: fault?.[1] !== undefined,
    targetPrefixed: fault?.[3] !== undefined,
  };
  if (request !== null) {
    draft.stage = 'requester';
    const requester = parseRequester(request[1] as string);
    if (typeof requester === 'string') draft.impossible = requester;
    else draft.requester = requester;
    // `%02x:%02x.%d` in every Linux so far.
    if (typeof requester === 'object' && requester.segment !== undefined && !draft.xen) {
      draft.impossible = `Linux names no segment in such lines, this one has [${request[1]}]`;
    }
  }
  if (fault !== null) {
    draft.stage = 'target';
    setPasid(draft, fault[1]);
    setTarget(draft, fault[2] as string, fault[4] as string);
    const reason = match(REASON, text, end);
    if (reason !== null) {
      if (reason[1] !== undefined) draft.damage.push('joined');
      Object.assign(
        draft,
        withReason(draft, { kind: draft.kind, printed: reason[2] as string, text: text.slice(end) }),
      );
      return printed;
    }
  }
  const left = text.slice(end);
  draft.exhausted = left === '';
  return printed;
}

function setPasid(draft: Draft, printed: string | undefined): void {
  if (printed === undefined || /^f{8}$/i.test(printed)) return;
  const pasid = Number.parseInt(printed, 16);
  if (pasid > 0xfffff) draft.impossible ??= `PASID ${printed} has more than 20 bits`;
  else draft.pasid = pasid;
}

function setTarget(draft: Draft, what: string, digits: string): void {
  const index = /^i/i.test(what);
  if (index !== (draft.kind === 'interrupt')) {
    draft.impossible ??= `a fault of ${draft.kind === 'dma' ? 'DMA' : 'an interrupt'} has no ${what}`;
  } else if (index) {
    draft.index = Number.parseInt(digits, 16);
    if (draft.index > 0xffff) draft.impossible ??= `interrupt index ${digits} has more than 16 bits`;
  } else {
    draft.address = digits.toLowerCase().replace(/^0+(?=.)/, '');
    // The fault recording register holds bits 63:12 (VT-d 11.4.14).
    if (!/(?:^0|000)$/.test(draft.address)) {
      draft.impossible ??= `fault addr ${digits} is no page: the unit records bits 63:12 only`;
    }
  }
}

function shapeOf(
  draft: Draft,
  words: readonly string[],
  dma: RegExpExecArray | null,
  printed: Printed,
): string {
  if (draft.xen) return 'xen';
  const hexadecimal = dma !== null && / (?:NO_)?PASID/.test(dma[0]);
  if (hexadecimal || printed.targetPrefixed) return printed.requester?.includes('0x') ? 'F7' : 'F8';
  const separate = words.includes('INTR-REMAP') || words.length > 1 || words[0] === 'dmar';
  if (separate) return words[0] === 'DMAR' ? 'F4' : words[0] === 'dmar' ? 'F3' : 'F2';
  if (dma !== null && words.length > 0 && dma.index === words.join(': ').length + 1) return 'F1';
  return printed.pasidBeforeTarget ? 'F6' : 'F5';
}

function wrongKind(kind: 'dma' | 'interrupt', code: number | undefined): string | undefined {
  if (code === undefined || isInterruptReason(code) === (kind === 'interrupt')) return;
  return kind === 'dma'
    ? `fault reason 0x${code.toString(16)} belongs to interrupts, the line says DMA`
    : `fault reason 0x${code.toString(16)} belongs to DMA, the line says interrupt`;
}

/** `DMAR`, or what is left of it where its start was lost. */
function isRemnant(word: string): boolean {
  return 'DMAR'.endsWith(word.toUpperCase()) || 'INTR-REMAP'.endsWith(word.toUpperCase());
}

let end = 0;

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  if (found !== null) end = pattern.lastIndex;
  return found;
}

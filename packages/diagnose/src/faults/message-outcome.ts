import { readReason } from '../lines/fault-reason-text.ts';
import { faultOf, type VtdFaultLine, withReason } from '../lines/vtd-fault-line.ts';
import type { Findings } from './found-fault.ts';
import { type LoneReason, mayHaveSecondLine, type WaitingMessage } from './waiting-message.ts';

/** What a fault keeps of its words. */
const MAX_TEXT = 300;
/** What follows in a message, and may be cut anywhere. */
const EXPECTED = ['PASID', 'fault addr', 'fault index', '[fault reason'];

const UNREADABLE = 'starts like a fault of DMA remapping, and cannot be read further';

/**
 * Tells what a message comes to that nothing follows any more: a fault, or a note why it is none.
 * @param afterStatus a line of fault status stood near: Linux 2.6.29 to 3.4 prints one, older ones do not
 */
export function tellMessage(one: WaitingMessage, findings: Findings, afterStatus: boolean): void {
  const { first } = one;
  const parsed = completed(one, findings);
  const unreadable = parsed !== undefined && !parsed.exhausted && !isCut(one.text);
  const why = whyNone(parsed, unreadable);
  if (parsed === undefined || why !== undefined) {
    findings.note(first.number, why ?? UNREADABLE);
    for (const line of one.further) {
      findings.note(line, `belongs to line ${first.number}, which is not taken for a fault`);
    }
    return;
  }
  const fault = faultOf(parsed);
  const damage = [...fault.damage];
  if (parsed.stage === 'requester' || (!parsed.exhausted && !unreadable)) damage.push('cut');
  if (unreadable) damage.push('characters-lost');
  if (first.carried.quoted > 0) damage.push('quoted');
  const { seconds } = first.carried;
  const line = damage.includes('reordered') && one.before ? one.before.line.number : first.number;
  const lastLine = Math.max(one.latest.number, first.number);
  findings.fault({
    fault: {
      ...fault,
      shape: fault.shape === 'F1' && afterStatus ? 'F2' : fault.shape,
      damage: [...new Set(damage)],
      line,
      ...(lastLine > line ? { lastLine } : {}),
      ...(seconds === undefined ? {} : { seconds }),
      text: (one.second === undefined ? one.text : `${one.text} ${one.second}`).slice(0, MAX_TEXT),
      kernel: first.kernel,
    },
    phase: first.phase,
  });
}

/** Tells of a second line whose first one is lost: a fault, but nobody knows whose. */
export function tellLoneReason({ line, reason }: LoneReason, findings: Findings): void {
  const read = readReason(reason.printed, reason.text, line.carried.xen);
  if (read.contradiction !== undefined) {
    findings.note(line.number, `not a fault: ${read.contradiction}`);
    return;
  }
  const { seconds, xen } = line.carried;
  findings.fault({
    fault: {
      line: line.number,
      architecture: xen ? 'xen-vt-d' : 'vt-d',
      kind: reason.kind,
      ...(read.code === undefined ? {} : { reason: read.code }),
      reasonText: read.text,
      ...(read.section === undefined ? {} : { section: read.section }),
      ...(seconds === undefined ? {} : { seconds }),
      shape: xen ? 'xen' : 'F1',
      text: line.message.slice(0, MAX_TEXT),
      kernel: line.kernel,
      damage: [...read.damage, 'first-line-lost'],
    },
    phase: line.phase,
  });
}

/** The message with a second line that stood before its first one; where it does not fit, that is told alone. */
function completed({ parsed, before }: WaitingMessage, findings: Findings): VtdFaultLine | undefined {
  if (before === undefined) return parsed;
  if (parsed !== undefined && mayHaveSecondLine(parsed) && parsed.kind === before.reason.kind) {
    const whole = withReason(parsed, before.reason);
    if (whole.impossible === undefined) return { ...whole, damage: [...whole.damage, 'reordered'] };
  }
  tellLoneReason(before, findings);
  return parsed;
}

/** Why what was read is no fault; undefined if it is one. */
function whyNone(parsed: VtdFaultLine | undefined, unreadable: boolean): string | undefined {
  if (parsed?.impossible !== undefined) return `not a fault: ${parsed.impossible}`;
  if (parsed?.requester === undefined) {
    return UNREADABLE;
  }
  if (parsed.stage !== 'requester' || !unreadable) return;
  return 'looks like a fault of DMA remapping; what follows the device is unreadable';
}

/** True where a terminal or a mail cut the message inside of words that would have followed. */
function isCut(text: string): boolean {
  const tail = text.replace(/\$$/, '').toLowerCase();
  if (/(?:\[fault reason [0-9a-fx]{0,4}|pasid [0-9a-f]{0,8}|fault (?:addr|index) (?:0x?)?)$/.test(tail))
    return true;
  return EXPECTED.some((words) => {
    for (let length = words.length; length > 0; length--) {
      if (tail.endsWith(` ${words.slice(0, length).toLowerCase()}`)) return true;
    }
    return false;
  });
}

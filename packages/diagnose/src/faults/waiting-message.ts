import { type FaultReasonLine, parseVtdFault, type VtdFaultLine } from '../lines/vtd-fault-line.ts';
import type { LogLine } from './found-fault.ts';

/** A fault message whose end has not come yet. */
export interface WaitingMessage {
  readonly first: LogLine;
  /** Its latest line. */
  latest: LogLine;
  /** Lines that go on with it, numbered as the file has them. */
  readonly further: number[];
  text: string;
  /** Undefined where only its first words have come: `DMAR: [DMA`. */
  parsed: VtdFaultLine | undefined;
  /** The next line may go on with it. */
  mayGoOn: boolean;
  /** Words of its second line. */
  second?: string;
  /** A second line that stood just before the first. */
  readonly before?: LoneReason;
}

/** The second line of a message, whose first line has not been seen. */
export interface LoneReason {
  readonly line: LogLine;
  readonly reason: FaultReasonLine;
}

/** Mails and terminals wrap from here on; a shorter line was cut for another reason. */
const NARROWEST_WRAP = 40;
/** What a fault message may begin with, up to the end of any of its first words. */
const BEGINNINGS: readonly RegExp[] = [
  /^(?:dmar: ?){1,2}(?:\[|\[DMA|\[INTR-REMAP\]?)?(?: Request)?$/i,
  /^(?:dmar: ?){1,2}\[DMA (?:read|write)(?: NO_PASID| PASID(?: 0x[0-9a-f]{1,8})?)?\]?(?: Request)?$/i,
];
const STAGES = ['head', 'requester', 'target', 'reason'];

/** True where a line ends within the first words of a message, and may have been wrapped there. */
export function endsInBeginning(line: LogLine): boolean {
  return isWide(line) && BEGINNINGS.some((beginning) => beginning.test(line.message));
}

/** True where the next line may go on with a message that is not whole: a mail or a terminal may have broken it. */
export function mayBeWrapped(line: LogLine): boolean {
  return isWide(line) && !line.message.endsWith('$');
}

/** Nothing that follows can change what the message says. */
export function isSettled(parsed: VtdFaultLine): boolean {
  // The last digits of an address may stand on the next line.
  if (parsed.impossible !== undefined) return parsed.stage !== 'target' || !parsed.exhausted;
  return parsed.stage === 'reason' && parsed.reason?.damage.includes('cut') !== true;
}

/** Messages of two lines: their first one ends behind the address or index. */
export function mayHaveSecondLine(parsed: VtdFaultLine | undefined): boolean {
  if (parsed?.stage !== 'target' || !parsed.exhausted) return false;
  return /^(?:F[1-4]|xen)$/.test(parsed.shape);
}

/** The message with a line that goes on with it; undefined where the line is something else. */
export function joinedWith(
  one: WaitingMessage,
  line: LogLine,
): { readonly text: string; readonly parsed: VtdFaultLine } | undefined {
  const { seconds, tag, level, xen, quoted } = line.carried;
  // What goes on has nothing of the kernel's: at most the stamp of who recorded its console.
  const ofKernel = seconds !== undefined || level !== undefined || tag === 'kernel';
  const stamped = xen || (ofKernel && (line.carried.parts ?? 0) >= (one.first.carried.parts ?? 0));
  if (stamped || quoted > one.first.carried.quoted || line.message === '') return;
  // Quoted-printable mails mark the break.
  const start = one.text.replace(/=$/, '');
  // A mail breaks at a blank, a terminal anywhere.
  const joins = [' ', ''].flatMap((glue) => {
    const text = `${start}${glue}${line.message}`;
    const parsed = parseVtdFault(text);
    return parsed === undefined || readSoFar(parsed) <= readSoFar(one.parsed) ? [] : [{ text, parsed }];
  });
  const possible = joins.find(({ parsed }) => parsed.impossible === undefined);
  // Words that do not go on with the text of a reason are another message.
  return possible ?? (one.parsed?.stage === 'reason' ? undefined : joins[0]);
}

function isWide(line: LogLine): boolean {
  return line.raw.length >= NARROWEST_WRAP;
}

/** Higher when more of the message could be read. */
function readSoFar(parsed: VtdFaultLine | undefined): number {
  if (parsed === undefined) return -1;
  const whole = parsed.reason !== undefined && !parsed.reason.damage.includes('cut');
  return STAGES.indexOf(parsed.stage) + (whole ? 0.5 : 0);
}

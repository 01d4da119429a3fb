import { readReason } from '../lines/fault-reason-text.ts';
import {
  type FaultReasonLine,
  faultOf,
  parseReasonLine,
  parseVtdFault,
  type VtdFaultLine,
  withReason,
} from '../lines/vtd-fault-line.ts';
import type { Findings, LogLine } from './found-fault.ts';

/** How far the second line may be from the first, where other messages came between. */
const SECOND_LINE_WITHIN = 8;
/** Messages whose second line is waited for; more are not to be told apart. */
const MOST_WAITING = 4;
/** Mails and terminals wrap from here on; a shorter line was cut for another reason. */
const NARROWEST_WRAP = 40;

/** What a fault keeps of its words. */
const MAX_TEXT = 300;

/** What a fault message may begin with, up to the end of any of its first words. */
const BEGINNING =
  /^(?:dmar: ?){1,2}(?:\[(?:DMA(?: (?:read|write)(?: (?:NO_PASID\]|PASID(?: 0x[0-9a-f]{1,8}\]?)?)| ?\])?)?|INTR-REMAP\]?)?)?(?: Request)?$/i;

interface Waiting {
  readonly first: LogLine;
  lastLine: number;
  text: string;
  /** The second line of a message of two. */
  second?: string;
  parsed: VtdFaultLine | undefined;
  /** The next line may go on with it. */
  mayGoOn: boolean;
  /** A second line that stood just before the first. */
  readonly before?: Orphan;
}

interface Orphan {
  readonly line: LogLine;
  readonly reason: FaultReasonLine;
}

/**
 * Puts fault messages together: one line, two lines (before Linux 4.8, and Xen), lines that a mail wrapped, lines
 * with others between them. What cannot be told for certain is left apart and noted.
 */
export class VtdFaultAssembler {
  readonly #findings: Findings;
  #waiting: Waiting[] = [];
  #orphan: Orphan | undefined;
  #statusLine = 0;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** True while the next line may be part of a message, whatever it says. */
  wantsNext(): boolean {
    return this.#waiting.some((one) => one.mayGoOn);
  }

  /** A line of fault status came: kernels of one era print it before the fault. */
  sawStatusLine(number: number): void {
    this.#statusLine = number;
  }

  /** True if the line was a fault message or a part of one. */
  read(line: LogLine): boolean {
    this.#expire(line.number);
    const reason = parseReasonLine(line.message);
    if (reason !== undefined) {
      this.#closeWraps(undefined);
      this.#take(line, reason);
      return true;
    }
    const parsed = parseVtdFault(line.message);
    const mayGoOn = parsed === undefined || parsed.damage.includes('start-lost');
    if (mayGoOn && this.#goesOn(line)) return true;
    this.#closeWraps(undefined);
    if (parsed === undefined) return this.#startsAtEnd(line);
    this.#begin(line, parsed);
    return true;
  }

  /** The log, or a kernel's part of it, has ended. */
  finish(): void {
    for (const one of this.#waiting) this.#release(one);
    this.#waiting = [];
    this.#releaseOrphan();
  }

  #begin(line: LogLine, parsed: VtdFaultLine): void {
    const before = this.#orphan?.line.number === line.number - 1 ? this.#orphan : undefined;
    if (before !== undefined) this.#orphan = undefined;
    const one: Waiting = {
      first: line,
      lastLine: line.number,
      text: line.message,
      parsed,
      mayGoOn: false,
      ...(before === undefined ? {} : { before }),
    };
    if (isSettled(parsed)) {
      this.#release(one);
      return;
    }
    one.mayGoOn = line.raw.length >= NARROWEST_WRAP && !line.message.endsWith('$');
    if (!one.mayGoOn && !mayHaveSecondLine(parsed)) {
      this.#release(one);
      return;
    }
    this.#waiting.push(one);
    if (this.#waiting.length > MOST_WAITING) this.#release(this.#waiting.shift() as Waiting);
  }

  /** `DMAR: [DMA` at the end of a line: too little to be a message, unless the next line goes on with it. */
  #startsAtEnd(line: LogLine): boolean {
    const bare = BEGINNING.test(line.message);
    if (!bare || line.raw.length < NARROWEST_WRAP) return false;
    this.#waiting.push({
      first: line,
      lastLine: line.number,
      text: line.message,
      parsed: undefined,
      mayGoOn: true,
    });
    return true;
  }

  /** Tries the line as a wrapped message's next piece: it must carry no stamp of its own, and must fit. */
  #goesOn(line: LogLine): boolean {
    const one = this.#waiting.find((waiting) => waiting.mayGoOn && waiting.lastLine === line.number - 1);
    if (one === undefined || line.message === '') return false;
    const { seconds, stamp, host, level, xen, quoted } = line.carried;
    const carried =
      seconds !== undefined || stamp !== undefined || host !== undefined || level !== undefined || xen;
    if (carried || quoted > one.first.carried.quoted) return false;
    // A mail breaks at a blank, a terminal anywhere.
    const joins = [' ', ''].flatMap((glue) => {
      const text = `${one.text}${glue}${line.message}`;
      const parsed = parseVtdFault(text);
      return parsed === undefined || readSoFar(parsed) <= readSoFar(one.parsed) ? [] : [{ text, parsed }];
    });
    // Words that do not go on with the text of a reason are another message.
    const anyhow = one.parsed?.stage === 'reason' ? undefined : joins[0];
    const join = joins.find(({ parsed }) => parsed.impossible === undefined) ?? anyhow;
    if (join === undefined) return false;
    one.text = join.text;
    one.parsed = { ...join.parsed, damage: [...join.parsed.damage, 'wrapped'] };
    one.lastLine = line.number;
    if (isSettled(join.parsed)) {
      this.#waiting.splice(this.#waiting.indexOf(one), 1);
      this.#release(one);
    }
    return true;
  }

  /** The next line has come and was something else. */
  #closeWraps(except: Waiting | undefined): void {
    const kept: Waiting[] = [];
    for (const one of this.#waiting) {
      if (one !== except) one.mayGoOn = false;
      if (one !== except && !mayHaveSecondLine(one.parsed)) this.#release(one);
      else kept.push(one);
    }
    this.#waiting = kept;
  }

  /** Gives a second line to its first one. */
  #take(line: LogLine, reason: FaultReasonLine): void {
    const fitting = this.#waiting.filter((one) => one.parsed?.kind === reason.kind);
    const adjacent = fitting.find((one) => one.lastLine === line.number - 1);
    const { seconds } = line.carried;
    const sameTime = fitting.filter((one) => seconds !== undefined && one.first.carried.seconds === seconds);
    const one =
      adjacent ?? (sameTime.length === 1 ? sameTime[0] : fitting.length === 1 ? fitting[0] : undefined);
    if (one === undefined) {
      this.#releaseOrphan();
      this.#orphan = { line, reason };
      if (fitting.length > 1) {
        this.#findings.note(
          line.number,
          `${fitting.length} faults wait for their reason: whose this is does not show`,
        );
      }
      return;
    }
    this.#waiting.splice(this.#waiting.indexOf(one), 1);
    one.parsed = withReason(one.parsed as VtdFaultLine, reason);
    one.second = line.message;
    one.lastLine = line.number;
    this.#release(one);
  }

  #expire(number: number): void {
    const late = this.#waiting.filter((one) => number - one.lastLine > SECOND_LINE_WITHIN);
    if (late.length > 0) this.#waiting = this.#waiting.filter((one) => !late.includes(one));
    for (const one of late) this.#release(one);
    if (this.#orphan !== undefined && number - this.#orphan.line.number > 1) this.#releaseOrphan();
  }

  #release(one: Waiting): void {
    const parsed = this.#completed(one);
    if (parsed === undefined) return;
    const { first } = one;
    const unreadable = !parsed.exhausted && !isCut(one.text);
    const why = whyNone(parsed, unreadable);
    if (why !== undefined) {
      this.#findings.note(first.number, why);
      for (let line = first.number + 1; line <= one.lastLine; line++) {
        this.#findings.note(line, `belongs to line ${first.number}, which is not taken for a fault`);
      }
      return;
    }
    const fault = faultOf(parsed);
    const damage = [...fault.damage];
    if (parsed.stage === 'requester' || (!parsed.exhausted && !unreadable)) damage.push('cut');
    if (unreadable) damage.push('characters-lost');
    if (first.carried.quoted > 0) damage.push('quoted');
    const { seconds } = first.carried;
    const line = parsed.damage.includes('reordered') && one.before ? one.before.line.number : first.number;
    this.#findings.fault({
      fault: {
        ...fault,
        shape: fault.shape === 'F1' && this.#sawStatusNear(first.number) ? 'F2' : fault.shape,
        damage: [...new Set(damage)],
        line,
        ...(one.lastLine > line ? { lastLine: one.lastLine } : {}),
        ...(seconds === undefined ? {} : { seconds }),
        text: (one.second === undefined ? one.text : `${one.text} ${one.second}`).slice(0, MAX_TEXT),
        kernel: first.kernel,
      },
      phase: first.phase,
    });
  }

  /** The message with a second line that stood before its first one; where it does not fit, that is left alone. */
  #completed({ parsed, before }: Waiting): VtdFaultLine | undefined {
    if (before === undefined) return parsed;
    if (parsed !== undefined && mayHaveSecondLine(parsed) && parsed.kind === before.reason.kind) {
      const completed = withReason(parsed, before.reason);
      if (completed.impossible === undefined) {
        return { ...completed, damage: [...completed.damage, 'reordered'] };
      }
    }
    this.#releaseAlone(before);
    return parsed;
  }

  #sawStatusNear(number: number): boolean {
    return this.#statusLine > 0 && Math.abs(number - this.#statusLine) <= SECOND_LINE_WITHIN;
  }

  #releaseOrphan(): void {
    const orphan = this.#orphan;
    this.#orphan = undefined;
    if (orphan !== undefined) this.#releaseAlone(orphan);
  }

  /** A second line whose first one is lost: a fault, but nobody knows whose. */
  #releaseAlone({ line, reason }: Orphan): void {
    const read = readReason(reason.printed, reason.text, line.carried.xen);
    if (read.contradiction !== undefined) {
      this.#findings.note(line.number, `not a fault: ${read.contradiction}`);
      return;
    }
    const { seconds } = line.carried;
    this.#findings.fault({
      fault: {
        line: line.number,
        architecture: line.carried.xen ? 'xen-vt-d' : 'vt-d',
        kind: reason.kind,
        ...(read.code === undefined ? {} : { reason: read.code }),
        reasonText: read.text,
        ...(read.section === undefined ? {} : { section: read.section }),
        ...(seconds === undefined ? {} : { seconds }),
        shape: line.carried.xen ? 'xen' : 'F1',
        kernel: line.kernel,
        damage: [...read.damage, 'first-line-lost'],
      },
      phase: line.phase,
    });
  }
}

/** Why what was read is no fault; undefined if it is one. */
function whyNone(parsed: VtdFaultLine, unreadable: boolean): string | undefined {
  if (parsed.impossible !== undefined) return `not a fault: ${parsed.impossible}`;
  if (parsed.requester === undefined)
    return 'starts like a fault of DMA remapping, and cannot be read further';
  if (parsed.stage !== 'requester' || !unreadable) return;
  return 'looks like a fault of DMA remapping; what follows the device is unreadable';
}

const STAGES = ['head', 'requester', 'target', 'reason'];

/** Higher when more of the message could be read. */
function readSoFar(parsed: VtdFaultLine | undefined): number {
  if (parsed === undefined) return -1;
  return (
    STAGES.indexOf(parsed.stage) +
    (parsed.reason !== undefined && !parsed.reason.damage.includes('cut') ? 0.5 : 0)
  );
}

/** Nothing that follows can change what the message says. */
function isSettled(parsed: VtdFaultLine): boolean {
  // The last digits of an address may stand on the next line.
  if (parsed.impossible !== undefined) return parsed.stage !== 'target' || !parsed.exhausted;
  return parsed.stage === 'reason' && parsed.reason?.damage.includes('cut') !== true;
}

/** Messages of two lines: their first one ends behind the address or index. */
function mayHaveSecondLine(parsed: VtdFaultLine | undefined): boolean {
  return (
    parsed !== undefined &&
    parsed.stage === 'target' &&
    parsed.exhausted &&
    /^(?:F[1-4]|xen)$/.test(parsed.shape)
  );
}

/** True where a terminal or a mail cut the message inside of words that would have followed. */
function isCut(text: string): boolean {
  return /(?:\[(?:f(?:a(?:u(?:l(?:t(?: r(?:e(?:a(?:s(?:o(?:n(?: (?:0?x?[0-9a-f]*))?)?)?)?)?)?)?)?)?)?)?)?|PASID ?[0-9a-f]{0,8}|fault ?(?:a?d?d?r?|i?n?d?e?x?))\$?$/i.test(
    text,
  );
}

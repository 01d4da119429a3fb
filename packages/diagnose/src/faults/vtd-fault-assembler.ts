import {
  type FaultReasonLine,
  parseReasonLine,
  parseVtdFault,
  type VtdFaultLine,
  withReason,
} from '../lines/vtd-fault-line.ts';
import { type Findings, isNext, type LogLine } from './found-fault.ts';
import { tellLoneReason, tellMessage } from './message-outcome.ts';
import {
  endsInBeginning,
  isSettled,
  joinedWith,
  type LoneReason,
  mayBeWrapped,
  mayHaveSecondLine,
  type WaitingMessage,
} from './waiting-message.ts';

/** How far the second line may be from the first, where other messages came between. */
const SECOND_LINE_WITHIN = 8;
/** Messages whose second line is waited for; more are not to be told apart. */
const MOST_WAITING = 4;

/**
 * Puts fault messages together: one line, two lines (before Linux 4.8, and Xen), lines that a mail wrapped, lines
 * with others between them. What cannot be told for certain is left apart and noted.
 */
export class VtdFaultAssembler {
  readonly #findings: Findings;
  #waiting: WaitingMessage[] = [];
  #lone: LoneReason | undefined;
  /** Sequence of the latest line of fault status. */
  #status: number | undefined;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** True while the next line may be part of a message, whatever it says. */
  wantsNext(): boolean {
    return this.#waiting.some((one) => one.mayGoOn);
  }

  /** A line of fault status came: kernels of one era print it before the fault. */
  sawStatusLine({ sequence }: LogLine): void {
    this.#status = sequence;
  }

  /** True if the line was a fault message or a part of one. */
  read(line: LogLine): boolean {
    this.#expire(line.sequence);
    const reason = parseReasonLine(line.message);
    if (reason !== undefined) {
      this.#endWraps();
      this.#take(line, reason);
      return true;
    }
    const parsed = parseVtdFault(line.message);
    const mayGoOn = parsed === undefined || parsed.damage.includes('start-lost');
    if (mayGoOn && this.#goesOn(line)) return true;
    this.#endWraps();
    if (parsed === undefined && !endsInBeginning(line)) return false;
    this.#begin(line, parsed);
    return true;
  }

  /** The log, or a kernel's part of it, has ended. */
  finish(): void {
    for (const one of this.#waiting) this.#tell(one);
    this.#waiting = [];
    this.#tellLone();
  }

  #begin(line: LogLine, parsed: VtdFaultLine | undefined): void {
    const before =
      this.#lone !== undefined && isNext(line, this.#lone.line.sequence) ? this.#lone : undefined;
    if (before !== undefined) this.#lone = undefined;
    const settled = parsed !== undefined && isSettled(parsed);
    const one: WaitingMessage = {
      first: line,
      latest: line,
      further: [],
      text: line.message,
      parsed,
      mayGoOn: !settled && mayBeWrapped(line),
      ...(before === undefined ? {} : { before }),
    };
    if (!one.mayGoOn && (settled || !mayHaveSecondLine(parsed))) {
      this.#tell(one);
      return;
    }
    this.#waiting.push(one);
    if (this.#waiting.length > MOST_WAITING) this.#tell(this.#waiting.shift() as WaitingMessage);
  }

  /** Tries the line as the next piece of a message that was wrapped. */
  #goesOn(line: LogLine): boolean {
    const one = this.#waiting.find((waiting) => waiting.mayGoOn && isNext(line, waiting.latest.sequence));
    const join = one === undefined ? undefined : joinedWith(one, line);
    if (one === undefined || join === undefined) return false;
    one.text = join.text;
    one.parsed = { ...join.parsed, damage: [...join.parsed.damage, 'wrapped'] };
    one.latest = line;
    one.further.push(line.number);
    if (isSettled(join.parsed)) this.#tellNow(one);
    return true;
  }

  /** The next line has come and was something else. */
  #endWraps(): void {
    const over = this.#waiting.filter((one) => !mayHaveSecondLine(one.parsed));
    for (const one of this.#waiting) one.mayGoOn = false;
    for (const one of over) this.#tellNow(one);
  }

  /** Gives a second line to its first one: the one right before, or the only one it can belong to. */
  #take(line: LogLine, reason: FaultReasonLine): void {
    const fitting = this.#waiting.filter((one) => one.parsed?.kind === reason.kind);
    const { seconds } = line.carried;
    const sameTime = fitting.filter((one) => seconds !== undefined && one.first.carried.seconds === seconds);
    const adjacent = fitting.find((one) => isNext(line, one.latest.sequence));
    const one = adjacent ?? [sameTime, fitting].find((some) => some.length === 1)?.[0];
    if (one !== undefined) {
      one.parsed = withReason(one.parsed as VtdFaultLine, reason);
      one.second = line.message;
      one.latest = line;
      one.further.push(line.number);
      this.#tellNow(one);
      return;
    }
    this.#tellLone();
    this.#lone = { line, reason };
    if (fitting.length < 2) return;
    const why = `${fitting.length} faults wait for their reason: whose this is does not show`;
    this.#findings.note(line.number, why);
  }

  #expire(sequence: number): void {
    if (this.#waiting.length > 0) {
      const late = this.#waiting.filter((one) => sequence - one.latest.sequence > SECOND_LINE_WITHIN);
      for (const one of late) this.#tellNow(one);
    }
    if (this.#lone !== undefined && sequence - this.#lone.line.sequence > 1) this.#tellLone();
  }

  #tellNow(one: WaitingMessage): void {
    this.#waiting.splice(this.#waiting.indexOf(one), 1);
    this.#tell(one);
  }

  #tell(one: WaitingMessage): void {
    const distance = Math.abs(one.first.sequence - (this.#status ?? Number.NEGATIVE_INFINITY));
    tellMessage(one, this.#findings, distance <= SECOND_LINE_WITHIN);
  }

  #tellLone(): void {
    const lone = this.#lone;
    this.#lone = undefined;
    if (lone !== undefined) tellLoneReason(lone, this.#findings);
  }
}

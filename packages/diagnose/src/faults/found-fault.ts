import type { CarriedLine } from '@quiesce/machine';
import type { BootPhase, LoggedFault } from '../diagnosis.ts';

/** A line as the readers of messages get it. */
export interface LogLine {
  /** From 1. */
  readonly number: number;
  /** Messages before it: neighbours are told by it, as a carrier may spread each message over many lines of the file. */
  readonly sequence: number;
  /** As the file has it, without its end of line. */
  readonly raw: string;
  readonly carried: CarriedLine;
  /** What is left of the carrier and of colours, trimmed at its end. */
  readonly message: string;
  /** Whose line it is, and what that kernel was about. */
  readonly kernel: number;
  readonly phase: BootPhase;
}

/** True if the line is the next message behind the one with this sequence, or a part of the same. */
export function isNext(line: LogLine, sequence: number): boolean {
  return line.sequence === sequence || line.sequence === sequence + 1;
}

/** A fault with where it stands. */
export interface FoundFault {
  readonly fault: LoggedFault;
  readonly phase: BootPhase;
}

/** Where readers put what they find. */
export interface Findings {
  fault(found: FoundFault): void;
  note(line: number, message: string): void;
}

/** Tells a fault of which nothing can be missing but what `damage` says. */
export function tellWhole(
  findings: Findings,
  first: LogLine,
  latest: LogLine,
  fault: Omit<LoggedFault, 'line' | 'kernel' | 'damage'>,
  damage: readonly string[] = [],
): void {
  const { seconds, quoted } = first.carried;
  findings.fault({
    fault: {
      ...fault,
      line: first.number,
      ...(latest.number > first.number ? { lastLine: latest.number } : {}),
      ...(seconds === undefined ? {} : { seconds }),
      text: first.message.slice(0, 300),
      kernel: first.kernel,
      damage: [...(quoted > 0 ? ['quoted'] : []), ...damage],
    },
    phase: first.phase,
  });
}

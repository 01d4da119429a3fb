import type { CarriedLine } from '@quiesce/machine';
import type { BootPhase, LoggedFault } from '../diagnosis.ts';

/** A line as the readers of messages get it. */
export interface LogLine {
  /** From 1. */
  readonly number: number;
  /** As the file has it, without its end of line. */
  readonly raw: string;
  readonly carried: CarriedLine;
  /** What is left of the carrier and of colours, trimmed at its end. */
  readonly message: string;
  /** Whose line it is, and what that kernel was about. */
  readonly kernel: number;
  readonly phase: BootPhase;
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

import type { Phase } from '@quiesce/strategy';

/** Control flow of the sequencer: the machine has stopped for good (hang, panic), nothing runs after this. */
export class MachineStopped extends Error {
  readonly phase: Phase;
  readonly reason: string;

  constructor(phase: Phase, reason: string) {
    super(`stopped in ${phase}: ${reason}`);
    this.name = 'MachineStopped';
    this.phase = phase;
    this.reason = reason;
  }
}

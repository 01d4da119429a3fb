import type { Nanoseconds, RunningHash, Snapshottable } from '@quiesce/simulation';

export interface ReadinessData {
  readonly silentUntil: Nanoseconds;
  readonly readyAt: Nanoseconds;
  readonly dead: boolean;
}

/**
 * When a function answers configuration requests: not at all until `silentUntil`, with Configuration Request Retry
 * Status until `readyAt`, normally from then on. Never again once `dead`.
 */
export class Readiness implements Snapshottable<ReadinessData> {
  silentUntil: Nanoseconds = 0;
  readyAt: Nanoseconds = 0;
  dead = false;

  snapshot(): ReadinessData {
    return { silentUntil: this.silentUntil, readyAt: this.readyAt, dead: this.dead };
  }

  restore(state: ReadinessData): void {
    this.silentUntil = state.silentUntil;
    this.readyAt = state.readyAt;
    this.dead = state.dead;
  }

  hashInto(hash: RunningHash): void {
    hash.number(this.silentUntil);
    hash.number(this.readyAt);
    hash.word(this.dead ? 1 : 0);
  }
}

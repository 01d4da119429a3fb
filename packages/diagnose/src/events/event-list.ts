import type { LogEvent } from '../diagnosis.ts';

/** Events of each kind that are kept; the rest is counted. */
const KEPT_OF_A_KIND = 100;

/** Events of a log, bounded kind by kind: a flood of one does not push out another. */
export class EventList {
  readonly #events: LogEvent[] = [];
  readonly #counts = new Map<LogEvent['kind'], number>();

  add(event: LogEvent): void {
    const count = (this.#counts.get(event.kind) ?? 0) + 1;
    this.#counts.set(event.kind, count);
    if (count <= KEPT_OF_A_KIND) this.#events.push(event);
  }

  count(kind: LogEvent['kind']): number {
    return this.#counts.get(kind) ?? 0;
  }

  /** In order of lines. */
  all(): readonly LogEvent[] {
    return this.#events;
  }

  /** What was counted only, in words, one sentence for each kind. */
  left(): readonly string[] {
    return [...this.#counts]
      .filter(([, count]) => count > KEPT_OF_A_KIND)
      .map(([kind, count]) => `${count - KEPT_OF_A_KIND} further events of the kind ${kind} are not listed`);
  }
}

import type { Nanoseconds } from '@quiesce/simulation';

interface Work {
  readonly at: Nanoseconds;
  readonly run: () => void;
}

/** A kernel's workqueue: what a handler that must not wait has put off. Work of the same time runs in its order. */
export class DelayedWork {
  #queue: Work[] = [];
  #running = false;

  /** When the next work is due; infinite if there is none, or one is running. */
  get nextAt(): Nanoseconds {
    return this.#running ? Number.POSITIVE_INFINITY : (this.#queue[0]?.at ?? Number.POSITIVE_INFINITY);
  }

  add(at: Nanoseconds, run: () => void): void {
    this.#queue.push({ at, run });
    this.#queue.sort((one, other) => one.at - other.at);
  }

  /** Runs what is due, one after the other: work that waits is not interrupted by other work. */
  runDue(now: Nanoseconds): void {
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#queue[0]; next !== undefined && next.at <= now; next = this.#queue[0]) {
        this.#queue.shift();
        next.run();
      }
    } finally {
      this.#running = false;
    }
  }
}

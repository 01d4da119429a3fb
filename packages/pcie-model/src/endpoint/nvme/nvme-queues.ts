import type { Address } from '@quiesce/simulation';

/** What the controller knows of a pair of queues; `QUEUE_NUMBERS` numbers each in a Float64Array. */
export const Queue = {
  submissionBase: 0,
  /** Entries; 0 while the queue does not exist. */
  submissionSize: 1,
  submissionHead: 2,
  submissionTail: 3,
  completionBase: 4,
  completionSize: 5,
  completionHead: 6,
  completionTail: 7,
  /** Phase tag of the next completion entry (NVMe 4.6). */
  phase: 8,
  /** 1 if the completion queue interrupts. */
  interrupts: 9,
} as const;

export type QueueNumber = (typeof Queue)[keyof typeof Queue];

export const QUEUE_NUMBERS = 10;

/** The admin pair and one I/O pair. */
export const QUEUE_PAIRS = 2;

/** View of the queue pairs in the controller's internal memory. */
export class NvmeQueues {
  readonly #numbers: Float64Array;

  constructor(numbers: Float64Array) {
    this.#numbers = numbers;
  }

  get(pair: number, which: QueueNumber): number {
    return this.#numbers[pair * QUEUE_NUMBERS + which] as number;
  }

  set(pair: number, which: QueueNumber, value: number): void {
    this.#numbers[pair * QUEUE_NUMBERS + which] = value;
  }

  createSubmission(pair: number, base: Address, size: number): void {
    this.set(pair, Queue.submissionBase, base);
    this.set(pair, Queue.submissionSize, size);
    this.set(pair, Queue.submissionHead, 0);
    this.set(pair, Queue.submissionTail, 0);
  }

  createCompletion(pair: number, base: Address, size: number, interrupts: boolean): void {
    this.set(pair, Queue.completionBase, base);
    this.set(pair, Queue.completionSize, size);
    this.set(pair, Queue.completionHead, 0);
    this.set(pair, Queue.completionTail, 0);
    this.set(pair, Queue.phase, 1);
    this.set(pair, Queue.interrupts, interrupts ? 1 : 0);
  }

  /** A command waits and there is room for its completion. */
  hasWork(pair: number): boolean {
    const size = this.get(pair, Queue.completionSize);
    if (size === 0 || this.get(pair, Queue.submissionSize) === 0) return false;
    if (this.get(pair, Queue.submissionHead) === this.get(pair, Queue.submissionTail)) return false;
    return (this.get(pair, Queue.completionTail) + 1) % size !== this.get(pair, Queue.completionHead);
  }

  advanceSubmission(pair: number): void {
    const head = this.get(pair, Queue.submissionHead) + 1;
    this.set(pair, Queue.submissionHead, head % this.get(pair, Queue.submissionSize));
  }

  advanceCompletion(pair: number): void {
    const tail = this.get(pair, Queue.completionTail) + 1;
    const wraps = tail === this.get(pair, Queue.completionSize);
    this.set(pair, Queue.completionTail, wraps ? 0 : tail);
    if (wraps) this.set(pair, Queue.phase, 1 - this.get(pair, Queue.phase));
  }

  /** Completion entries that the host has not consumed. */
  unread(pair: number): boolean {
    return this.get(pair, Queue.completionHead) !== this.get(pair, Queue.completionTail);
  }
}

import { assert, type RunningHash, type Snapshottable } from '@quiesce/simulation';
import type { ErrorReporting } from '../error/error-reporting.ts';
import { UncorrectableError } from '../error/uncorrectable-error.ts';
import type { PcieFunction } from '../topology/pcie-function.ts';
import { Completion, type CompletionStatus } from './completion.ts';

/** How a read can end that memory itself would have answered. */
export type ReadFault = 'unsupported-request' | 'completer-abort' | 'timeout' | 'poisoned';

const statusOf: Readonly<Record<ReadFault, CompletionStatus>> = {
  'unsupported-request': Completion.unsupportedRequest,
  'completer-abort': Completion.completerAbort,
  timeout: Completion.timeout,
  poisoned: Completion.poisoned,
};

/** What is still to come, by function index. */
export type ReadFaultState = readonly (readonly [index: number, how: ReadFault, left: number])[];

/**
 * Faults of memory and root complex that no register describes, put there from outside: the next reads of a function
 * complete badly. What the function notes and reports of that follows from its registers.
 */
export class ReadFaults implements Snapshottable<ReadFaultState> {
  readonly #errors: ErrorReporting;
  readonly #left = new Map<number, { readonly how: ReadFault; left: number }>();

  constructor(errors: ErrorReporting) {
    this.#errors = errors;
  }

  /** The next `count` reads of `fn` end so. Replaces what was to come. */
  plan(fn: PcieFunction, how: ReadFault, count: number): void {
    assert(Number.isInteger(count) && count >= 0, `${count} reads`);
    this.#left.delete(fn.index);
    if (count > 0) this.#left.set(fn.index, { how, left: count });
  }

  /** Whether the next read of `fn` is to fail. */
  isPlanned(fn: PcieFunction): boolean {
    return this.#left.size > 0 && this.#left.has(fn.index);
  }

  /** Fails one read of `fn`; {@link isPlanned} says that one is due. */
  take(fn: PcieFunction): CompletionStatus {
    const planned = this.#left.get(fn.index);
    assert(planned !== undefined, `no read of ${fn.name} is to fail`);
    planned.left--;
    if (planned.left === 0) this.#left.delete(fn.index);
    const errors = this.#errors;
    if (planned.how === 'unsupported-request') errors.receivedMasterAbort(fn);
    else if (planned.how === 'completer-abort') errors.receivedTargetAbort(fn);
    else if (planned.how === 'timeout') {
      errors.uncorrectable(fn, UncorrectableError.completionTimeout, undefined, false, 1);
    } else {
      errors.receivedPoison(fn);
      errors.uncorrectable(fn, UncorrectableError.poisonedTlp, undefined, false, 1);
    }
    return statusOf[planned.how];
  }

  snapshot(): ReadFaultState {
    return [...this.#left].map(([index, { how, left }]) => [index, how, left] as const);
  }

  restore(state: ReadFaultState): void {
    this.#left.clear();
    for (const [index, how, left] of state) this.#left.set(index, { how, left });
  }

  hashInto(hash: RunningHash): void {
    for (const [index, how, left] of this.snapshot()) {
      hash.word(index);
      hash.text(how);
      hash.word(left);
    }
  }
}

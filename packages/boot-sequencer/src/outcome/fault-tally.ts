import { segmentedName } from '@quiesce/machine';
import { millisecond, type Nanoseconds } from '@quiesce/simulation';
import type { Phase } from '@quiesce/strategy';
import type { FaultCount, FaultTotals } from './outcome.ts';

/** Counts faults by requester, reason and phase. */
export class FaultTally {
  readonly #rows = new Map<number, { count: FaultCount; name: string }>();
  #total = 0;
  /** When the first fault came; -1 before. */
  firstAt: Nanoseconds = -1;
  /** When the last fault had come; -1 before. */
  lastAt: Nanoseconds = -1;

  get total(): number {
    return this.#total;
  }

  /** `reason` is the unit's own code, 0 .. 0xff; `chain` is asked for the first fault of a requester and reason. */
  add(
    segment: number,
    requesterId: number,
    reason: number,
    phase: Phase,
    repeat: number,
    chain: (requester: string) => string,
  ): void {
    const key = segment * 0x1_0000 + requesterId;
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = {
        count: { total: 0, reasons: {}, phases: {}, via: {} },
        name: segmentedName(segment, requesterId),
      };
      this.#rows.set(key, row);
    }
    const { count } = row;
    const name = reasonName(reason);
    if (count.reasons[name] === undefined) {
      count.reasons[name] = 0;
      count.via[name] = chain(row.name);
    }
    this.#count(count, name, phase, repeat);
  }

  /** Counts faults like others before. False, and nothing is counted, if they are the first of their requester and reason. */
  addKnown(segment: number, requesterId: number, reason: number, phase: Phase, repeat: number): boolean {
    const count = this.#rows.get(segment * 0x1_0000 + requesterId)?.count;
    const name = reasonName(reason);
    if (count?.reasons[name] === undefined) return false;
    this.#count(count, name, phase, repeat);
    return true;
  }

  #count(count: FaultCount, reason: string, phase: Phase, repeat: number): void {
    this.#total += repeat;
    count.total += repeat;
    count.reasons[reason] = (count.reasons[reason] ?? 0) + repeat;
    count.phases[phase] = (count.phases[phase] ?? 0) + repeat;
  }

  /** By requester, in ascending order; times count from `since`. */
  totals(since: Nanoseconds = 0): FaultTotals {
    const byRequester: Record<string, FaultCount> = {};
    for (const key of [...this.#rows.keys()].sort((a, b) => a - b)) {
      const { name, count } = this.#rows.get(key) as { count: FaultCount; name: string };
      byRequester[name] = count;
    }
    const after = (at: Nanoseconds): number | null => (at < 0 ? null : (at - since) / millisecond);
    return { total: this.#total, byRequester, firstMs: after(this.firstAt), lastMs: after(this.lastAt) };
  }
}

const names: string[] = [];

function reasonName(reason: number): string {
  return (names[reason] ??= `0x${reason.toString(16).padStart(2, '0')}`);
}

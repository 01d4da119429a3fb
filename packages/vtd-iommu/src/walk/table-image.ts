import type { Address, MemoryReader } from '@quiesce/simulation';

/** One entry that a walk read. */
export interface WalkStep {
  /** `root`, `context`, `pasid-directory`, `pasid-entry`, or a level of a page table, 5 .. 1. */
  readonly level: 'root' | 'context' | 'pasid-directory' | 'pasid-entry' | number;
  /** Which page table the level belongs to; absent for the others. */
  readonly stage?: 'first' | 'second';
  /** Physical address of the table. */
  readonly table: Address;
  readonly index: number;
  /** Physical address of the entry. */
  readonly address: Address;
  /** First 64 bits of the entry. */
  readonly entryLow: number;
  readonly entryHigh: number;
}

/** What a walk over a memory image found. */
export interface WalkResult {
  /** In the order in which the entries were read. */
  readonly steps: readonly WalkStep[];
  /** A page was found. */
  readonly present: boolean;
  /** Where the address leads; 0 if not present. */
  readonly physical: Address;
  /** Permissions of all levels taken together. */
  readonly read: boolean;
  readonly write: boolean;
  /** Bytes of the page; 0 if not present. */
  readonly pageBytes: number;
  /** Domain id of the context or PASID entry, undefined if none was reached. */
  readonly domainId: number | undefined;
  /** The fault reason of a read that takes this way, 0 if there is none. */
  readonly reason: number;
}

/** Gathers the steps of a walk. */
export class WalkTrail {
  readonly steps: WalkStep[] = [];
  domainId: number | undefined;
  readonly #memory: MemoryReader;

  constructor(memory: MemoryReader) {
    this.#memory = memory;
  }

  /** Reads an entry of `bytes` and notes it. */
  read(
    level: WalkStep['level'],
    table: Address,
    index: number,
    bytes: number,
    stage?: 'first' | 'second',
  ): WalkStep {
    const address = table + index * bytes;
    const step: WalkStep = {
      level,
      table,
      index,
      address,
      entryLow: this.#memory.read32(address),
      entryHigh: this.#memory.read32(address + 4),
      ...(stage === undefined ? {} : { stage }),
    };
    this.steps.push(step);
    return step;
  }

  fail(reason: number): WalkResult {
    const { steps, domainId } = this;
    return { steps, present: false, physical: 0, read: false, write: false, pageBytes: 0, domainId, reason };
  }

  done(physical: Address, pageBytes: number, read: boolean, write: boolean, reason: number): WalkResult {
    const { steps, domainId } = this;
    return { steps, present: true, physical, read, write, pageBytes, domainId, reason };
  }
}

/** All ones are what a read gives where the image has nothing. */
export function unreadable(step: WalkStep): boolean {
  return step.entryLow === 0xffff_ffff && step.entryHigh === 0xffff_ffff;
}

import { segmentedName } from '@quiesce/machine';
import { type Address, type MemoryOwner, memoryOwners } from '@quiesce/simulation';
import { type Phase, phases } from '@quiesce/strategy';
import type { Corruption } from './outcome.ts';

interface Row {
  readonly owner: MemoryOwner;
  readonly segment: number;
  readonly requesterId: number;
  readonly via: string;
  bytes: number;
  readonly phases: Set<Phase>;
}

/** What leftover DMA wrote into memory that was not its own, with the chain device, entry, memory of the first hit. */
export class CorruptionLedger {
  readonly #rows = new Map<number, Row>();

  add(hit: {
    readonly segment: number;
    readonly requesterId: number;
    readonly owner: MemoryOwner;
    readonly bytes: number;
    readonly ioAddress: Address;
    readonly physicalAddress: Address;
    readonly entryAddress: Address;
    readonly untranslated: boolean;
    readonly phase: Phase;
  }): void {
    const key =
      (hit.segment * 0x1_0000 + hit.requesterId) * 32 +
      memoryOwners.indexOf(hit.owner) * 2 +
      (hit.untranslated ? 1 : 0);
    let row = this.#rows.get(key);
    if (row === undefined) {
      const name = segmentedName(hit.segment, hit.requesterId);
      const entry = hit.untranslated
        ? 'untranslated'
        : hit.entryAddress === 0
          ? 'cached translation'
          : `entry at 0x${hit.entryAddress.toString(16)}`;
      const via = `${name} 0x${hit.ioAddress.toString(16)} -> ${entry} -> 0x${hit.physicalAddress.toString(16)}`;
      row = {
        owner: hit.owner,
        segment: hit.segment,
        requesterId: hit.requesterId,
        via,
        bytes: 0,
        phases: new Set(),
      };
      this.#rows.set(key, row);
    }
    row.bytes += hit.bytes;
    row.phases.add(hit.phase);
  }

  /** True if memory of one of these owners was hit. */
  hits(...owners: readonly MemoryOwner[]): boolean {
    return [...this.#rows.values()].some((row) => owners.includes(row.owner));
  }

  /** By requester and owner, in ascending order. */
  list(): Corruption[] {
    return [...this.#rows.keys()]
      .sort((a, b) => a - b)
      .map((key) => {
        const row = this.#rows.get(key) as Row;
        return {
          owner: row.owner,
          bytes: row.bytes,
          requester: segmentedName(row.segment, row.requesterId),
          via: row.via,
          phases: phases.filter((phase) => row.phases.has(phase)),
        };
      });
  }
}

import type { Address } from './address.ts';
import type { WriterId } from './memory-access.ts';
import { type MemoryOwner, memoryOwners } from './memory-map.ts';

/** What one writer wrote into memory of one owner during one epoch. */
export interface LedgerEntry {
  readonly epoch: string;
  readonly writer: string;
  readonly owner: MemoryOwner;
  readonly bytes: number;
  readonly firstAddress: Address;
  readonly lastAddress: Address;
}

interface Row {
  epoch: number;
  writer: WriterId;
  owner: number;
  bytes: number;
  first: Address;
  last: Address;
}

/** Who wrote how much into whose memory, by epoch (an epoch is what the user of the memory calls one: a boot phase). */
export class WriteLedger {
  readonly #writers: string[] = [];
  readonly #epochs: string[] = ['start'];
  #epoch = 0;
  readonly #rows = new Map<number, Row>();
  #lastKey = -1;
  #lastRow: Row | undefined;

  /** The id of a writer by name; the same name gives the same id. */
  writer(name: string): WriterId {
    const known = this.#writers.indexOf(name);
    return known >= 0 ? known : this.#writers.push(name) - 1;
  }

  writerName(id: WriterId): string {
    return this.#writers[id] ?? `writer ${id}`;
  }

  /** What is written from now on is booked under `name`. */
  beginEpoch(name: string): void {
    const known = this.#epochs.indexOf(name);
    this.#epoch = known >= 0 ? known : this.#epochs.push(name) - 1;
  }

  book(writer: WriterId, owner: number, address: Address, bytes: number): void {
    const key = (this.#epoch * 4096 + writer) * 16 + owner;
    let row = this.#lastRow;
    if (key !== this.#lastKey || row === undefined) {
      row = this.#rows.get(key);
      if (row === undefined) {
        row = { epoch: this.#epoch, writer, owner, bytes: 0, first: address, last: address };
        this.#rows.set(key, row);
      }
      this.#lastKey = key;
      this.#lastRow = row;
    }
    row.bytes += bytes;
    row.last = address;
  }

  /** In order of first write. */
  entries(): LedgerEntry[] {
    return [...this.#rows.values()].map((row) => ({
      epoch: this.#epochs[row.epoch] as string,
      writer: this.writerName(row.writer),
      owner: memoryOwners[row.owner] as MemoryOwner,
      bytes: row.bytes,
      firstAddress: row.first,
      lastAddress: row.last,
    }));
  }

  snapshot(): LedgerState {
    return {
      writers: [...this.#writers],
      epochs: [...this.#epochs],
      epoch: this.#epoch,
      rows: [...this.#rows].map(([key, row]) => [key, { ...row }]),
    };
  }

  restore(state: LedgerState): void {
    this.#writers.splice(0, this.#writers.length, ...state.writers);
    this.#epochs.splice(0, this.#epochs.length, ...state.epochs);
    this.#epoch = state.epoch;
    this.#rows.clear();
    for (const [key, row] of state.rows) this.#rows.set(key, { ...row });
    this.#lastKey = -1;
    this.#lastRow = undefined;
  }
}

export interface LedgerState {
  readonly writers: readonly string[];
  readonly epochs: readonly string[];
  readonly epoch: number;
  readonly rows: readonly (readonly [number, Readonly<Row>])[];
}

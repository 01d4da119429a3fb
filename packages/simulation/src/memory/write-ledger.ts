import { AssertionError } from '../errors/assert.ts';
import type { RunningHash } from '../state/running-hash.ts';
import type { Snapshottable } from '../state/snapshot.ts';
import type { Address } from './address.ts';
import type { WriterId } from './memory-access.ts';
import { type MemoryOwner, memoryOwners } from './memory-map.ts';

/** What one writer wrote into memory of one owner during one epoch. */
export interface LedgerEntry {
  readonly epoch: string;
  readonly writer: string;
  readonly owner: MemoryOwner;
  readonly bytes: number;
  /** Where the first of these writes began. */
  readonly firstAddress: Address;
  /** Where the latest of these writes began. */
  readonly lastAddress: Address;
}

/** Ids are kept in 16 bits with every block of memory, and in the keys of rows. */
const WRITER_LIMIT = 4096;

interface Row {
  epoch: number;
  writer: WriterId;
  owner: number;
  bytes: number;
  first: Address;
  last: Address;
}

/** Who wrote how much into whose memory, by epoch (an epoch is what the user of the memory calls one: a boot phase). */
export class WriteLedger implements Snapshottable<LedgerState> {
  readonly #writers: string[] = [];
  readonly #writerIds = new Map<string, WriterId>();
  readonly #epochs: string[] = ['start'];
  #epoch = 0;
  readonly #rows = new Map<number, Row>();
  #lastKey = -1;
  #lastRow: Row | undefined;

  /** The id of a writer by name; the same name gives the same id. At most 4,096 of them. */
  writer(name: string): WriterId {
    let id = this.#writerIds.get(name);
    if (id === undefined) {
      id = this.#writers.push(name) - 1;
      if (id >= WRITER_LIMIT) throw new AssertionError(`more than ${WRITER_LIMIT} writers`);
      this.#writerIds.set(name, id);
    }
    return id;
  }

  /** The name that `id` was given to. */
  writerName(id: WriterId): string {
    return this.#writers[id] ?? `writer ${id}`;
  }

  /** What is written from now on is booked under `name`. */
  beginEpoch(name: string): void {
    const known = this.#epochs.indexOf(name);
    this.#epoch = known >= 0 ? known : this.#epochs.push(name) - 1;
  }

  /** Books `bytes` written from `address` on into memory whose owner has the index `owner`. */
  book(writer: WriterId, owner: number, address: Address, bytes: number): void {
    const key = (this.#epoch * WRITER_LIMIT + writer) * 16 + owner;
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

  hashInto(hash: RunningHash): void {
    for (const name of this.#writers) hash.text(name);
    for (const name of this.#epochs) hash.text(name);
    hash.number(this.#epoch);
    for (const [key, row] of this.#rows) {
      hash.number(key);
      hash.number(row.bytes);
      hash.number(row.first);
      hash.number(row.last);
    }
  }

  restore(state: LedgerState): void {
    this.#writers.splice(0, this.#writers.length, ...state.writers);
    this.#writerIds.clear();
    for (const [id, name] of state.writers.entries()) this.#writerIds.set(name, id);
    this.#epochs.splice(0, this.#epochs.length, ...state.epochs);
    this.#epoch = state.epoch;
    this.#rows.clear();
    for (const [key, row] of state.rows) this.#rows.set(key, { ...row });
    this.#lastKey = -1;
    this.#lastRow = undefined;
  }
}

/** A {@link WriteLedger} as plain data. */
export interface LedgerState {
  readonly writers: readonly string[];
  readonly epochs: readonly string[];
  readonly epoch: number;
  readonly rows: readonly (readonly [number, Readonly<Row>])[];
}

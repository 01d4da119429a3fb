import type { Address } from '@quiesce/simulation';

/** What a controller read in one frame after the entry of the frame list, to be read again in frames that go alike. */
export class FrameWalk {
  /** Nothing but reads that change nothing: the next frame with the same entry goes the same way. */
  isRepeatable = false;
  /** The entry of the frame list. */
  entry = 0;
  /** Bytes from the entry on for which the answer to its read holds. */
  entryValidFor = 0;
  readonly #addresses: Address[] = [];
  readonly #values: number[] = [];

  /** A frame begins with an entry of the list. */
  begin(entry: number, validFor: number, steady: boolean): void {
    this.entry = entry;
    this.entryValidFor = validFor;
    this.isRepeatable = steady;
    this.#addresses.length = 0;
    this.#values.length = 0;
  }

  note(address: Address, value: number, steady: boolean): void {
    if (!steady) this.isRepeatable = false;
    this.#addresses.push(address);
    this.#values.push(value);
  }

  /** How many dwords were read. */
  get length(): number {
    return this.#addresses.length;
  }

  addressAt(index: number): Address {
    return this.#addresses[index] as Address;
  }

  valueAt(index: number): number {
    return this.#values[index] as number;
  }
}

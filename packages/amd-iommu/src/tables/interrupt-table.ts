import { type Address, assert, type MemoryAccess, type WriterId } from '@quiesce/simulation';

/** A 32-bit interrupt remapping table entry (48882, 2.2.5.2). */
export interface InterruptEntry {
  /** RemapEn */
  readonly enabled: boolean;
  /** 0 fixed, 1 arbitrated */
  readonly type: number;
  /** DM: the destination is logical. */
  readonly logical: boolean;
  readonly destination: number;
  readonly vector: number;
}

/** The word of an entry; what `fields` leaves out is 0. */
export function interruptEntry(fields: Partial<InterruptEntry>): number {
  const { enabled = false, type = 0, logical = false, destination = 0, vector = 0 } = fields;
  return (
    (enabled ? 1 : 0) +
    type * 4 +
    (logical ? 0x40 : 0) +
    (destination & 0xff) * 0x100 +
    (vector & 0xff) * 0x1_0000
  );
}

/** The fields of an entry's word. */
export function readInterruptEntry(word: number): InterruptEntry {
  return {
    enabled: (word & 1) !== 0,
    type: (word >>> 2) & 7,
    logical: (word & 0x40) !== 0,
    destination: (word >>> 8) & 0xff,
    vector: (word >>> 16) & 0xff,
  };
}

/** The message that a device is to send for an entry: bits 10:0 of its data are the index (48882, 2.2.5.1). */
export function amdInterruptMessage(index: number): { address: Address; data: number } {
  assert(index >= 0 && index < 2048, `an interrupt table has no entry ${index}`);
  return { address: 0xfee0_0000, data: index };
}

/** The interrupt table of one device, entries of 32 bits. */
export class AmdInterruptTable {
  readonly address: Address;
  readonly entries: number;
  readonly #memory: MemoryAccess;
  readonly #writer: WriterId;
  #next = 0;

  /** The table that stands at `address`; a new one is zero. */
  constructor(options: {
    readonly memory: MemoryAccess;
    readonly writer?: WriterId;
    /** Multiple of 128. */
    readonly address: Address;
    /** A power of two, 2,048 at most. */
    readonly entries: number;
  }) {
    this.address = options.address;
    this.entries = options.entries;
    this.#memory = options.memory;
    this.#writer = options.writer ?? 0;
  }

  /** The lowest index that was neither handed out nor is enabled. */
  allocate(): number {
    while (this.#next < this.entries && this.get(this.#next).enabled) this.#next++;
    assert(this.#next < this.entries, 'no interrupt table entry is left');
    return this.#next++;
  }

  get(index: number): InterruptEntry {
    return readInterruptEntry(this.#memory.read32(this.address + 4 * index));
  }

  set(index: number, entry: Partial<InterruptEntry>): void {
    this.#memory.write32(this.address + 4 * index, interruptEntry(entry), this.#writer);
  }
}

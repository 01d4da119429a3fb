import { type Address, assert, type MemoryAccess, type WriterId } from '@quiesce/simulation';
import {
  DEVICE_TABLE_ENTRY_BYTES,
  DEVICE_TABLE_ENTRY_WORDS,
  type DeviceTableEntry,
  readDeviceTableEntry,
} from './device-table-entry.ts';

/** The halves of the Device Table Base Address register for a table (48882, 3.4.1). */
export function deviceTableRegister(address: Address, pages: number): { low: number; high: number } {
  assert(address % 4096 === 0 && pages >= 1 && pages <= 512, 'a device table has 1 to 512 pages of 4 KiB');
  return { low: (address + pages - 1) % 0x1_0000_0000, high: Math.floor(address / 0x1_0000_0000) };
}

/** Where the register says that the table is. */
export function deviceTableAddress(low: number, high: number): Address {
  return (high & 0xf_ffff) * 0x1_0000_0000 + ((low & 0xffff_f000) >>> 0);
}

/** Pages of 4 KiB that the register gives the table. */
export function deviceTablePages(low: number): number {
  return (low & 0x1ff) + 1;
}

/** A device table in memory, as a kernel's driver builds and changes it: one entry a requester ID. */
export class DeviceTable {
  readonly address: Address;
  readonly pages: number;
  readonly #memory: MemoryAccess;
  readonly #writer: WriterId;

  /** The table that stands at `address`; a new one is zero. */
  constructor(options: {
    readonly memory: MemoryAccess;
    readonly writer?: WriterId;
    readonly address: Address;
    /** 128 entries a page. */
    readonly pages: number;
  }) {
    this.address = options.address;
    this.pages = options.pages;
    this.#memory = options.memory;
    this.#writer = options.writer ?? 0;
  }

  /** Requester IDs that have an entry: 0 to this, exclusive. */
  get entries(): number {
    return (this.pages * 4096) / DEVICE_TABLE_ENTRY_BYTES;
  }

  words(requesterId: number): number[] {
    const at = this.#at(requesterId);
    return Array.from({ length: DEVICE_TABLE_ENTRY_WORDS }, (_, i) => this.#memory.read32(at + 4 * i));
  }

  entry(requesterId: number): DeviceTableEntry {
    return readDeviceTableEntry(this.words(requesterId));
  }

  /** Writes the words from `first` on: the interrupt half begins at word 4. Valid bits are written last. */
  setWords(requesterId: number, words: readonly number[], first = 0): void {
    const at = this.#at(requesterId);
    for (let i = words.length - 1; i >= 0; i--) {
      const word = words[i] as number;
      const address = at + 4 * (first + i);
      if (this.#memory.read32(address) !== word) this.#memory.write32(address, word, this.#writer);
    }
  }

  /** Sets bits of one word of every entry: what a driver does to a whole table. */
  setBitsOfAll(word: number, bits: number): void {
    const end = this.address + this.pages * 4096;
    for (let at = this.address + 4 * word; at < end; at += DEVICE_TABLE_ENTRY_BYTES) {
      const present = this.#memory.read32(at);
      const next = (present | bits) >>> 0;
      if (next !== present) this.#memory.write32(at, next, this.#writer);
    }
  }

  /** Requester IDs whose entries are not zero, with their words, which are valid until the next one is asked for. */
  *present(): Generator<{ readonly requesterId: number; readonly words: readonly number[] }> {
    const words: number[] = new Array(DEVICE_TABLE_ENTRY_WORDS).fill(0);
    for (let requesterId = 0; requesterId < this.entries; requesterId++) {
      const at = this.#at(requesterId);
      let any = 0;
      for (let i = 0; i < DEVICE_TABLE_ENTRY_WORDS; i++) {
        const word = this.#memory.read32(at + 4 * i);
        words[i] = word;
        any |= word;
      }
      if (any !== 0) yield { requesterId, words };
    }
  }

  #at(requesterId: number): Address {
    assert(requesterId >= 0 && requesterId < this.entries, `no entry of ${requesterId} in the device table`);
    return this.address + requesterId * DEVICE_TABLE_ENTRY_BYTES;
  }
}

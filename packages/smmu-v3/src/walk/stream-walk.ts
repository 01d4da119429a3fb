import type { Address, RegisterFile } from '@quiesce/simulation';
import { EventNumber } from '../events/event-names.ts';
import { registerOffset } from '../registers/register-block.ts';
import { STREAM_ENTRY_BYTES } from '../tables/stream-entry.ts';
import { secondLevelOf, spanOf } from '../tables/stream-table.ts';
import { effectiveSplit, StreamTableFormat } from '../tables/table-registers.ts';
import { fetchFailed, type TableAccess } from './table-access.ts';

/** Finds a stream's entry in memory, through STRTAB_BASE as it is now (SMMUv3 3.3.1). Filled in place. */
export class StreamWalk {
  /** Physical address of the entry, if there is one. */
  entry: Address = 0;
  /** Address of what could not be read. */
  fetchAddress: Address = 0;
  readonly #registers: RegisterFile;
  readonly #access: TableAccess;
  readonly #twoLevel: boolean;

  constructor(registers: RegisterFile, access: TableAccess, twoLevel: boolean) {
    this.#registers = registers;
    this.#access = access;
    this.#twoLevel = twoLevel;
  }

  /** @returns 0, or the number of the event */
  find(streamId: number): number {
    const registers = this.#registers;
    const config = registers.peek32(registerOffset.STRTAB_BASE_CFG);
    const low = registers.peek32(registerOffset.STRTAB_BASE);
    const base =
      (registers.peek32(registerOffset.STRTAB_BASE + 4) & 0xf_ffff) * 0x1_0000_0000 +
      ((low & 0xffff_ffc0) >>> 0);
    this.entry = 0;
    if (streamId >= 2 ** (config & 0x3f)) return EventNumber.badStreamId;
    // Reserved formats are linear.
    if (((config >>> 16) & 3) !== StreamTableFormat.twoLevel || !this.#twoLevel) {
      return this.#check(base + streamId * STREAM_ENTRY_BYTES);
    }
    const split = effectiveSplit((config >>> 6) & 0x1f);
    const at = base + Math.floor(streamId / 2 ** split) * 8;
    const descriptor = this.#access.memory.read32(at);
    if (fetchFailed(this.#access, at, descriptor)) {
      this.fetchAddress = at;
      return EventNumber.streamEntryFetch;
    }
    const span = spanOf(descriptor);
    const index = streamId % 2 ** split;
    if (span === 0 || span > split + 1 || index >= 2 ** (span - 1)) return EventNumber.badStreamId;
    return this.#check(
      secondLevelOf(descriptor, this.#access.memory.read32(at + 4)) + index * STREAM_ENTRY_BYTES,
    );
  }

  #check(entry: Address): number {
    this.entry = entry;
    if (!fetchFailed(this.#access, entry, this.#access.memory.read32(entry))) return 0;
    this.fetchAddress = entry;
    return EventNumber.streamEntryFetch;
  }
}

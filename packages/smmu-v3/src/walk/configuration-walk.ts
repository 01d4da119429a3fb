import type { Address, RegisterFile } from '@quiesce/simulation';
import {
  CONFIG_ACTION,
  CONFIG_ATS,
  CONFIG_CONTEXT,
  CONFIG_ENTRY,
  CONFIG_FLAGS,
  CONFIG_IGNORES_ACCESS_FLAG,
  CONFIG_INPUT_LIMIT,
  CONFIG_KEY,
  CONFIG_LEVEL,
  CONFIG_OUTPUT_LIMIT,
  CONFIG_RECORDS,
  CONFIG_TABLE,
  type ConfigurationCache,
  StreamAction,
} from '../cache/configuration-cache.ts';
import { stage1Key, stage2Key } from '../cache/translation-cache.ts';
import { EventNumber } from '../events/event-names.ts';
import { type Features, outputAddressBits } from '../registers/features.ts';
import { CONTEXT_DESCRIPTOR_BYTES, contextDescriptorTable } from '../tables/context-descriptor.ts';
import { DefaultSubstream, StreamConfig, streamEntryContext } from '../tables/stream-entry.ts';
import { StreamWalk } from './stream-walk.ts';
import { fetchFailed, type TableAccess } from './table-access.ts';

/** Reads a stream's entry and context descriptor into the configuration cache (SMMUv3 5.2, 5.4). */
export class ConfigurationWalk {
  /** Offset of the cached configuration after a walk without an event. */
  slot = 0;
  readonly #access: TableAccess;
  readonly #features: Features;
  readonly #cache: ConfigurationCache;
  readonly #streams: StreamWalk;

  constructor(registers: RegisterFile, access: TableAccess, features: Features, cache: ConfigurationCache) {
    this.#access = access;
    this.#features = features;
    this.#cache = cache;
    this.#streams = new StreamWalk(registers, access, features.twoLevelStreamTable);
  }

  /** Physical address of the entry that was read last, 0 if none. */
  get entry(): Address {
    return this.#streams.entry;
  }

  /** Address of what could not be read, for events of fetches. */
  fetchAddress: Address = 0;

  /** Errors are not cached. @returns 0, or the number of the event */
  load(streamId: number, substreamId: number): number {
    this.fetchAddress = 0;
    const event = this.#streams.find(streamId);
    if (event !== 0) {
      if (event === EventNumber.streamEntryFetch) this.fetchAddress = this.#streams.fetchAddress;
      return event;
    }
    const { memory } = this.#access;
    const { entry } = this.#streams;
    const low = memory.read32(entry);
    if ((low & 1) === 0) return EventNumber.badStreamEntry;
    const config = (low >>> 1) & 7;
    if (config < StreamConfig.bypass) return this.#simple(streamId, substreamId, StreamAction.abort);
    if (config === StreamConfig.bypass) return this.#simple(streamId, substreamId, StreamAction.bypass);
    if (config === StreamConfig.stage1) return this.#stage1(streamId, substreamId, low);
    if (config === StreamConfig.stage2) return this.#stage2(streamId, substreamId);
    // Nested translation is not modelled.
    return EventNumber.badStreamEntry;
  }

  #simple(streamId: number, substreamId: number, action: number): number {
    const slot = this.#allocate(streamId, substreamId, action);
    this.#cache.fields[slot + CONFIG_FLAGS] = this.#ats();
    return 0;
  }

  #stage1(streamId: number, substreamId: number, low: number): number {
    const { memory } = this.#access;
    const { entry } = this.#streams;
    const features = this.#features;
    const high = memory.read32(entry + 4);
    const substreamBits = high >>> 27;
    const linear = ((low >>> 4) & 3) === 0;
    if (!features.stage1 || substreamBits > features.substreamIdBits) return EventNumber.badStreamEntry;
    if (substreamBits > 0 && !linear) return EventNumber.badStreamEntry;
    const defaultSubstream = memory.read32(entry + 8) & 3;
    if (substreamBits > 0 && substreamId < 0) {
      if (defaultSubstream === DefaultSubstream.terminate) return EventNumber.streamDisabled;
      if (defaultSubstream === DefaultSubstream.bypass) {
        return this.#simple(streamId, substreamId, StreamAction.bypass);
      }
      if (defaultSubstream > DefaultSubstream.substream0) return EventNumber.badStreamEntry;
    }
    const index = Math.max(0, substreamId);
    if (substreamId >= 0 && (substreamBits === 0 || index >= 2 ** substreamBits)) {
      return EventNumber.badSubstreamId;
    }
    const context = streamEntryContext(low, high) + index * CONTEXT_DESCRIPTOR_BYTES;
    return this.#context(streamId, substreamId, context);
  }

  #context(streamId: number, substreamId: number, context: Address): number {
    const { memory, addressLimit } = this.#access;
    const low = memory.read32(context);
    if (fetchFailed(this.#access, context, low)) {
      this.fetchAddress = context;
      return EventNumber.contextFetch;
    }
    const high = memory.read32(context + 4);
    const aarch64 = (high & 0x200) !== 0;
    const granule = (low >>> 6) & 3;
    const t0sz = low & 0x3f;
    const disabled = (low & 0x4000) !== 0;
    // V; little-endian; AA64; 4 KiB; 25 to 48 bits; no stalling.
    const wrong =
      low >>> 31 === 0 || (low & 0x8000) !== 0 || !aarch64 || granule !== 0 || t0sz < 16 || t0sz > 39;
    if (wrong || (high & 0x1000) !== 0) return EventNumber.badContext;
    const table = contextDescriptorTable(memory.read32(context + 8), memory.read32(context + 12));
    const outputLimit = Math.min(addressLimit, 2 ** outputAddressBits(high & 7));
    if (!disabled && table >= outputLimit) return EventNumber.badContext;
    const slot = this.#allocate(streamId, substreamId, StreamAction.stage1);
    const { fields } = this.#cache;
    fields[slot + CONFIG_KEY] = stage1Key(high >>> 16, 0);
    fields[slot + CONFIG_TABLE] = table;
    fields[slot + CONFIG_LEVEL] = 4 - Math.ceil((64 - t0sz - 12) / 9);
    // EPD0: nothing is walked, every address is a fault.
    fields[slot + CONFIG_INPUT_LIMIT] = disabled ? 0 : 2 ** (64 - t0sz);
    fields[slot + CONFIG_OUTPUT_LIMIT] = outputLimit;
    fields[slot + CONFIG_FLAGS] =
      ((high & 0x2000) !== 0 ? CONFIG_RECORDS : 0) |
      ((high & 8) !== 0 ? CONFIG_IGNORES_ACCESS_FLAG : 0) |
      this.#ats();
    fields[slot + CONFIG_CONTEXT] = context;
    return 0;
  }

  #stage2(streamId: number, substreamId: number): number {
    const { memory, addressLimit } = this.#access;
    const { entry } = this.#streams;
    if (substreamId >= 0) return EventNumber.badSubstreamId;
    const word5 = memory.read32(entry + 20);
    const t0sz = word5 & 0x3f;
    const startLevel = (word5 >>> 6) & 3;
    const levels = Math.ceil((64 - t0sz - 12) / 9);
    const aarch64 = (word5 & 0x8_0000) !== 0;
    const wrong = !this.#features.stage2 || !aarch64 || ((word5 >>> 14) & 3) !== 0 || t0sz < 16 || t0sz > 39;
    // Concatenated first tables are not modelled: the start level must be the one that the size asks for.
    if (wrong || levels !== startLevel + 2) return EventNumber.badStreamEntry;
    const table =
      (memory.read32(entry + 28) & 0xf_ffff) * 0x1_0000_0000 +
      ((memory.read32(entry + 24) & 0xffff_fff0) >>> 0);
    if (table >= addressLimit) return EventNumber.badStreamEntry;
    const slot = this.#allocate(streamId, substreamId, StreamAction.stage2);
    const { fields } = this.#cache;
    fields[slot + CONFIG_KEY] = stage2Key(memory.read32(entry + 16) & 0xffff);
    fields[slot + CONFIG_TABLE] = table;
    fields[slot + CONFIG_LEVEL] = 4 - levels;
    fields[slot + CONFIG_INPUT_LIMIT] = 2 ** (64 - t0sz);
    fields[slot + CONFIG_OUTPUT_LIMIT] = Math.min(addressLimit, 2 ** outputAddressBits((word5 >>> 16) & 7));
    fields[slot + CONFIG_FLAGS] =
      ((word5 & 0x400_0000) !== 0 ? CONFIG_RECORDS : 0) |
      ((word5 & 0x20_0000) !== 0 ? CONFIG_IGNORES_ACCESS_FLAG : 0) |
      this.#ats();
    return 0;
  }

  /** STE.EATS: 1 is full ATS; the split-stage form needs nested translation. */
  #ats(): number {
    if (!this.#features.ats) return 0;
    return ((this.#access.memory.read32(this.#streams.entry + 8) >>> 28) & 3) === 1 ? CONFIG_ATS : 0;
  }

  #allocate(streamId: number, substreamId: number, action: number): number {
    const slot = this.#cache.allocate(streamId, substreamId);
    const { fields } = this.#cache;
    fields[slot + CONFIG_ACTION] = action;
    fields[slot + CONFIG_KEY] = 0;
    fields[slot + CONFIG_TABLE] = 0;
    fields[slot + CONFIG_LEVEL] = 0;
    fields[slot + CONFIG_INPUT_LIMIT] = 0;
    fields[slot + CONFIG_OUTPUT_LIMIT] = 0;
    fields[slot + CONFIG_ENTRY] = this.#streams.entry;
    fields[slot + CONFIG_CONTEXT] = 0;
    this.slot = slot;
    return slot;
  }
}

import {
  type Address,
  type InterruptOutcome,
  type InterruptRequest,
  NO_PASID,
  type RunningHash,
} from '@quiesce/simulation';
import type { InterruptEntryCache } from '../cache/interrupt-entry-cache.ts';
import type { FaultRecorder } from '../fault-recording/fault-recorder.ts';
import type { Capability } from '../registers/capability.ts';
import {
  INTERRUPT_RESERVED_WORD2,
  interruptDestination,
  interruptFaultDisable,
  interruptIsPosted,
  interruptPresent,
  interruptSourceValidation,
  interruptVector,
  POSTED_RESERVED_WORD0,
  POSTED_RESERVED_WORD1,
  postedDescriptor,
  REMAPPED_RESERVED_WORD0,
} from '../tables/interrupt-entry.ts';
import { MESSAGE_SUBHANDLE_VALID, messageIndex, messageIsRemappable } from '../tables/interrupt-message.ts';
import { failed, type TableAccess } from '../walk/entry-access.ts';
import { postInterrupt } from './posted-descriptor.ts';
import { sourceIsValid } from './source-validation.ts';

/** What GCMD.SIRTP has latched, and the enable bits. */
export interface InterruptRemapperState {
  readonly enabled: boolean;
  readonly compatibility: boolean;
  readonly table: Address;
  readonly entries: number;
  readonly extended: boolean;
}

/** Interrupt remapping (VT-d 5.1): messages are looked up in the table, checks in the order of clause 5.1.4.1. */
export class InterruptRemapper {
  enabled = false;
  /** CFI: messages in compatibility form go through. */
  compatibility = false;
  table: Address = 0;
  /** 2 .. 65536 */
  entries = 2;
  /** EIME: 32-bit APIC ids, and no compatibility form. */
  extended = false;
  readonly #access: TableAccess;
  readonly #capability: Capability;
  readonly #cache: InterruptEntryCache;
  readonly #recorder: FaultRecorder;
  /** The entry that was read last says FPD. */
  #faultDisabled = false;

  constructor(
    access: TableAccess,
    capability: Capability,
    cache: InterruptEntryCache,
    recorder: FaultRecorder,
  ) {
    this.#access = access;
    this.#capability = capability;
    this.#cache = cache;
    this.#recorder = recorder;
  }

  remap(request: InterruptRequest, outcome: InterruptOutcome): void {
    outcome.delivered = false;
    outcome.vector = 0;
    outcome.destination = 0;
    outcome.reason = 0;
    outcome.index = -1;
    this.#faultDisabled = false;
    const reason = this.#decode(request, outcome);
    if (reason === 0) return;
    outcome.delivered = false;
    outcome.reason = reason;
    const { info } = this.#recorder;
    info.reason = reason;
    info.sourceId = request.requesterId;
    info.address = 0;
    info.index = Math.max(outcome.index, 0) & 0xffff;
    info.read = false;
    info.pasid = NO_PASID;
    info.privileged = false;
    info.execute = false;
    info.addressType = 0;
    info.pageRequest = false;
    this.#recorder.record(this.#faultDisabled);
  }

  #decode(request: InterruptRequest, outcome: InterruptOutcome): number {
    const { address, data } = request;
    if (!this.enabled || !messageIsRemappable(address)) {
      if (this.enabled && (this.extended || !this.compatibility)) return 0x25;
      outcome.delivered = true;
      outcome.vector = data & 0xff;
      outcome.destination = (address >>> 12) & 0xff;
      return 0;
    }
    // Without a subhandle the data is reserved as a whole, with one its upper half.
    const reservedData = (address & MESSAGE_SUBHANDLE_VALID) !== 0 ? 0xffff_0000 : 0xffff_ffff;
    if ((data & reservedData) !== 0) return 0x20;
    const index = messageIndex(address, data);
    outcome.index = index;
    if (index >= this.entries) return 0x21;
    let at = this.#cache.find(index);
    if (at < 0) {
      const entry = this.table + index * 16;
      const { memory } = this.#access;
      const word0 = memory.read32(entry);
      const word1 = memory.read32(entry + 4);
      if (failed(this.#access, word0, word1, entry)) return 0x23;
      const word2 = memory.read32(entry + 8);
      const word3 = memory.read32(entry + 12);
      // In caching mode an entry that is not present may be cached too.
      if (!interruptPresent(word0) && !this.#capability.cachingMode) {
        this.#faultDisabled = interruptFaultDisable(word0);
        return 0x22;
      }
      if (this.#reserved(word0, word1, word2, word3)) {
        this.#faultDisabled = interruptFaultDisable(word0);
        return interruptPresent(word0) ? 0x24 : 0x22;
      }
      at = this.#cache.insert(index, word0, word1, word2, word3);
    }
    const words = this.#cache.words;
    const word0 = words[at] as number;
    const word1 = words[at + 1] as number;
    const word2 = words[at + 2] as number;
    this.#faultDisabled = interruptFaultDisable(word0);
    if (!interruptPresent(word0)) return 0x22;
    if (!sourceIsValid(word2, request.requesterId)) return 0x26;
    const vector = interruptVector(word0);
    if (interruptIsPosted(word0)) {
      const descriptor = postedDescriptor(word1, words[at + 3] as number);
      return postInterrupt(this.#access, descriptor, vector, (word0 & 0x4000) !== 0, outcome);
    }
    outcome.delivered = true;
    outcome.vector = vector;
    outcome.destination = interruptDestination(word1, this.extended);
    return 0;
  }

  #reserved(word0: number, word1: number, word2: number, word3: number): boolean {
    if ((word2 & INTERRUPT_RESERVED_WORD2) !== 0 || interruptSourceValidation(word2) === 3) return true;
    if (interruptIsPosted(word0)) {
      if (!this.#capability.postedInterrupts) return true;
      return (
        (word0 & POSTED_RESERVED_WORD0) !== 0 ||
        (word1 & POSTED_RESERVED_WORD1) !== 0 ||
        (word3 & (this.#access.reservedHigh | 0xfff0_0000)) !== 0
      );
    }
    // In xAPIC mode the destination has bits 47:40 alone.
    const reservedDestination = this.extended ? 0 : 0xffff_00ff;
    return (word0 & REMAPPED_RESERVED_WORD0) !== 0 || (word1 & reservedDestination) !== 0 || word3 !== 0;
  }

  snapshot(): InterruptRemapperState {
    const { enabled, compatibility, table, entries, extended } = this;
    return { enabled, compatibility, table, entries, extended };
  }

  restore(state: InterruptRemapperState): void {
    Object.assign(this, state);
  }

  hashInto(hash: RunningHash): void {
    hash.word((this.enabled ? 1 : 0) | (this.compatibility ? 2 : 0) | (this.extended ? 4 : 0));
    hash.number(this.table);
    hash.word(this.entries);
  }
}

import { assert, type RunningHash, type Snapshottable } from '@quiesce/simulation';
import type { LossEpoch } from './loss-epoch.ts';

const SETS = 256;
const WAYS = 4;
const SLOTS = SETS * WAYS;
/** Numbers a slot holds, all exact in a double. */
const FIELDS = 8;
const TAG = 0;

export const CONTEXT_DOMAIN = 1;
/** Legacy: TT, scalable: flag bits of the entry; see the walks. */
export const CONTEXT_FLAGS = 2;
/** Legacy: root of the page table; scalable: PASID directory. */
export const CONTEXT_POINTER = 3;
/** Legacy: levels; scalable: RID_PASID. */
export const CONTEXT_LEVELS = 4;
/** Legacy: first address beyond what the entry can translate; scalable: first PASID beyond the directory. */
export const CONTEXT_LIMIT = 5;
/** Physical address of the context entry. */
export const CONTEXT_ADDRESS = 6;

/** In CONTEXT_FLAGS: fault processing disabled. */
export const CONTEXT_FPD = 0x1_0000;
/** In CONTEXT_FLAGS: caching mode, the entry is not present; CONTEXT_POINTER is the fault reason. */
export const CONTEXT_FAULT = 0x2_0000;

/** In CONTEXT_DOMAIN: a scalable-mode entry, which has no domain id, so that every domain's invalidation meets it. */
export const ANY_DOMAIN = -2;

/**
 * The context cache (VT-d 6.2.2): what a requester's root and context entry said when they were last read.
 * Fixed size, four ways, replaced in turn. An entry stays until it is invalidated or replaced.
 */
export class ContextCache implements Snapshottable<Float64Array> {
  /** Slot s holds its fields from s * 8 on. */
  readonly fields: Float64Array = new Float64Array(SLOTS * FIELDS).fill(-1);
  readonly #epoch: LossEpoch;
  readonly #victim: Uint8Array = new Uint8Array(SETS);
  /** Where the last lookup ended: devices come in bursts. A guess, not state. */
  #recent = 0;

  constructor(epoch: LossEpoch) {
    this.#epoch = epoch;
  }

  /** Offset into {@link fields} of the entry of `requesterId`, or -1. */
  find(requesterId: number): number {
    const fields = this.fields;
    if (fields[this.#recent] === requesterId) return this.#recent;
    const first = setOf(requesterId);
    for (let at = first; at < first + WAYS * FIELDS; at += FIELDS) {
      if (fields[at] === requesterId) {
        this.#recent = at;
        return at;
      }
    }
    return -1;
  }

  /** Makes room for `requesterId`; the caller fills in the fields. */
  allocate(requesterId: number): number {
    const first = setOf(requesterId);
    const fields = this.fields;
    let at = -1;
    for (let way = first; way < first + WAYS * FIELDS; way += FIELDS) {
      if (fields[way] === requesterId) {
        at = way;
        this.#epoch.advance();
        break;
      }
      if (at < 0 && fields[way] === -1) at = way;
    }
    if (at < 0) {
      const set = first / (WAYS * FIELDS);
      const way = this.#victim[set] as number;
      this.#victim[set] = (way + 1) & (WAYS - 1);
      at = first + way * FIELDS;
      this.#epoch.advance();
    }
    this.fields[at + TAG] = requesterId;
    return at;
  }

  /** Caching mode: remembers under domain id 0 that `requesterId` has no entry (VT-d 6.1). */
  insertFault(requesterId: number, reason: number, disabled: boolean, entryAddress: number): void {
    const at = this.allocate(requesterId);
    this.fields[at + CONTEXT_DOMAIN] = 0;
    this.fields[at + CONTEXT_FLAGS] = CONTEXT_FAULT | (disabled ? CONTEXT_FPD : 0);
    this.fields[at + CONTEXT_POINTER] = reason;
    this.fields[at + CONTEXT_ADDRESS] = entryAddress;
  }

  invalidateAll(): void {
    this.#epoch.advance();
    this.fields.fill(-1);
  }

  invalidateDomain(domainId: number): void {
    for (let at = 0; at < this.fields.length; at += FIELDS) {
      if (this.#isOf(at, domainId)) this.#drop(at);
    }
  }

  /** `ignored`: bits of the function number that do not count. */
  invalidateDevice(requesterId: number, ignored: number, domainId: number): void {
    for (let at = 0; at < this.fields.length; at += FIELDS) {
      const tag = this.fields[at] as number;
      if (tag < 0 || ((tag ^ requesterId) & ~ignored) !== 0) continue;
      if (this.#isOf(at, domainId)) this.#drop(at);
    }
  }

  snapshot(): Float64Array {
    const state = new Float64Array(this.fields.length + SETS);
    state.set(this.fields);
    state.set(this.#victim, this.fields.length);
    return state;
  }

  restore(state: Float64Array): void {
    assert(state.length === this.fields.length + SETS, 'context cache state');
    this.#epoch.advance();
    this.fields.set(state.subarray(0, this.fields.length));
    this.#victim.set(state.subarray(this.fields.length));
  }

  hashInto(hash: RunningHash): void {
    for (let at = 0; at < this.fields.length; at += FIELDS) {
      if (this.fields[at] === -1) continue;
      hash.word(at);
      for (let i = 0; i < FIELDS; i++) hash.number(this.fields[at + i] as number);
    }
    hash.bytes(this.#victim);
  }

  /** A place never used has -1 everywhere. */
  #isOf(at: number, domainId: number): boolean {
    const domain = this.fields[at + CONTEXT_DOMAIN];
    return domain === domainId || domain === ANY_DOMAIN;
  }

  #drop(at: number): void {
    this.#epoch.advance();
    this.fields.fill(-1, at, at + FIELDS);
  }
}

function setOf(requesterId: number): number {
  return (Math.imul(requesterId, 0x9e37_79b1) >>> 24) * WAYS * FIELDS;
}

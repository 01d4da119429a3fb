import { assert, type RunningHash, type Snapshottable } from '@quiesce/simulation';

const SETS = 128;
const WAYS = 4;
const SLOTS = SETS * WAYS;
const FIELDS = 8;

export const PASID_REQUESTER = 0;
export const PASID_NUMBER = 1;
export const PASID_DOMAIN = 2;
/** Flags below. */
export const PASID_FLAGS = 3;
export const PASID_SECOND_LEVEL = 4;
/** Levels of the second level | levels of the first level << 4. */
export const PASID_LEVELS = 5;
export const PASID_FIRST_LEVEL = 6;
/** Physical address of the PASID table entry. */
export const PASID_ADDRESS = 7;

/** PGTT in bits 2:0. */
export const PASID_TYPE = 0x7;
export const PASID_FPD = 0x8;
export const PASID_SUPERVISOR = 0x10;
export const PASID_EXECUTE = 0x20;
export const PASID_WRITE_PROTECT = 0x40;
export const PASID_NO_EXECUTE = 0x80;
export const PASID_WALK_SNOOP = 0x100;
export const PASID_SECOND_LEVEL_FLAGS = 0x200;
export const PASID_EXTENDED_ACCESSED = 0x400;

/**
 * The PASID cache (VT-d 6.2.3): PASID table entries by requester and PASID, with the domain id for invalidation.
 * Fixed size, four ways, replaced in turn; an entry stays until it is invalidated or replaced.
 */
export class PasidCache implements Snapshottable<Float64Array> {
  readonly fields: Float64Array = new Float64Array(SLOTS * FIELDS).fill(-1);
  readonly #victim: Uint8Array = new Uint8Array(SETS);

  /** Offset into {@link fields}, or -1. */
  find(requesterId: number, pasid: number): number {
    const first = setOf(requesterId, pasid);
    const fields = this.fields;
    for (let at = first; at < first + WAYS * FIELDS; at += FIELDS) {
      if (fields[at] === requesterId && fields[at + PASID_NUMBER] === pasid) return at;
    }
    return -1;
  }

  /** Makes room; the caller fills in the other fields. */
  allocate(requesterId: number, pasid: number): number {
    const first = setOf(requesterId, pasid);
    let at = this.find(requesterId, pasid);
    for (let way = 0; way < WAYS && at < 0; way++) {
      if (this.fields[first + way * FIELDS] === -1) at = first + way * FIELDS;
    }
    if (at < 0) {
      const set = first / (WAYS * FIELDS);
      const way = this.#victim[set] as number;
      this.#victim[set] = (way + 1) % WAYS;
      at = first + way * FIELDS;
    }
    this.fields[at + PASID_REQUESTER] = requesterId;
    this.fields[at + PASID_NUMBER] = pasid;
    return at;
  }

  invalidateAll(): void {
    this.fields.fill(-1);
  }

  /** Entries of a domain, or with `pasid` >= 0 of that PASID in it. */
  invalidate(domainId: number, pasid: number): void {
    for (let at = 0; at < this.fields.length; at += FIELDS) {
      if (this.fields[at + PASID_DOMAIN] !== domainId) continue;
      if (pasid < 0 || this.fields[at + PASID_NUMBER] === pasid) this.fields.fill(-1, at, at + FIELDS);
    }
  }

  snapshot(): Float64Array {
    const state = new Float64Array(this.fields.length + SETS);
    state.set(this.fields);
    state.set(this.#victim, this.fields.length);
    return state;
  }

  restore(state: Float64Array): void {
    assert(state.length === this.fields.length + SETS, 'PASID cache state');
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
}

function setOf(requesterId: number, pasid: number): number {
  return (Math.imul(requesterId ^ (pasid << 12), 0x9e37_79b1) >>> 25) * WAYS * FIELDS;
}

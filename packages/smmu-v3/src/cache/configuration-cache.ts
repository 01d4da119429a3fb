import { assert, type RunningHash, type Snapshottable } from '@quiesce/simulation';

const SETS = 128;
const WAYS = 4;
/** Numbers a slot holds, all exact in a double. */
const FIELDS = 10;
const TAG = 0;

/** What becomes of the stream: {@link StreamAction}. */
export const CONFIG_ACTION = 1;
/** ASID with VMID above it, and for stage 2 the bit above that: see TranslationCache. */
export const CONFIG_KEY = 2;
/** Address of the first table. */
export const CONFIG_TABLE = 3;
/** Level of the first table, 0 to 2. */
export const CONFIG_LEVEL = 4;
/** One above the largest input address. */
export const CONFIG_INPUT_LIMIT = 5;
/** One above the largest output address. */
export const CONFIG_OUTPUT_LIMIT = 6;
/** CONFIG_RECORDS and the like. */
export const CONFIG_FLAGS = 7;
/** Physical address of the stream table entry. */
export const CONFIG_ENTRY = 8;
/** Physical address of the context descriptor, 0 if there is none. */
export const CONFIG_CONTEXT = 9;

/** In CONFIG_FLAGS: faults are recorded (CD.R, STE.S2R). */
export const CONFIG_RECORDS = 1;
/** In CONFIG_FLAGS: translation requests are answered, translated addresses taken (STE.EATS). */
export const CONFIG_ATS = 2;
/** In CONFIG_FLAGS: the access flag is not looked at (CD.AFFD, STE.S2AFFD). */
export const CONFIG_IGNORES_ACCESS_FLAG = 4;

export const StreamAction = { abort: 0, bypass: 1, stage1: 2, stage2: 3 } as const;

const SUBSTREAM_UNIT = 2 ** 21;

/**
 * Cached configuration (SMMUv3 3.21): what a stream's entry and context descriptor said when they were last read. Both
 * are held together. Fixed size, four ways, replaced in turn; an entry stays until a command reaches it or its place
 * is needed.
 */
export class ConfigurationCache implements Snapshottable<Float64Array> {
  /** Slot s holds its fields from s * 10 on. */
  readonly fields: Float64Array = new Float64Array(SETS * WAYS * FIELDS).fill(-1);
  readonly #victim: Uint8Array = new Uint8Array(SETS);
  /** Where the last lookup ended: devices come in bursts. A guess, not state. */
  #recent = 0;

  /** Offset into {@link fields}, or -1. `substreamId` -1: none. */
  find(streamId: number, substreamId: number): number {
    const { fields } = this;
    const tag = tagOf(streamId, substreamId);
    if (fields[this.#recent] === tag) return this.#recent;
    const first = setOf(streamId) * WAYS * FIELDS;
    for (let at = first; at < first + WAYS * FIELDS; at += FIELDS) {
      if (fields[at] === tag) {
        this.#recent = at;
        return at;
      }
    }
    return -1;
  }

  /** Makes room; the caller fills in the fields. */
  allocate(streamId: number, substreamId: number): number {
    const { fields } = this;
    const set = setOf(streamId);
    const first = set * WAYS * FIELDS;
    let at = -1;
    for (let way = first; way < first + WAYS * FIELDS && at < 0; way += FIELDS) {
      if (fields[way] === -1) at = way;
    }
    if (at < 0) {
      const way = this.#victim[set] as number;
      this.#victim[set] = (way + 1) % WAYS;
      at = first + way * FIELDS;
    }
    fields[at + TAG] = tagOf(streamId, substreamId);
    return at;
  }

  invalidateAll(): void {
    this.fields.fill(-1);
  }

  /** All configuration of 2^`log2` streams around `streamId`. */
  invalidateStreams(streamId: number, log2: number): void {
    const size = 2 ** log2;
    const start = Math.floor(streamId / size) * size;
    for (let at = 0; at < this.fields.length; at += FIELDS) {
      const tag = this.fields[at] as number;
      if (tag < 0) continue;
      const stream = Math.floor(tag / SUBSTREAM_UNIT);
      if (stream >= start && stream < start + size) this.#drop(at);
    }
  }

  /** One substream; requests without SubstreamID use the descriptor of substream 0. */
  invalidateContext(streamId: number, substreamId: number): void {
    for (const id of substreamId === 0 ? [-1, 0] : [substreamId]) {
      const at = this.find(streamId, id);
      if (at >= 0) this.#drop(at);
    }
  }

  snapshot(): Float64Array {
    const state = new Float64Array(this.fields.length + SETS);
    state.set(this.fields);
    state.set(this.#victim, this.fields.length);
    return state;
  }

  restore(state: Float64Array): void {
    assert(state.length === this.fields.length + SETS, 'configuration cache state');
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

  #drop(at: number): void {
    this.fields.fill(-1, at, at + FIELDS);
  }
}

function tagOf(streamId: number, substreamId: number): number {
  return streamId * SUBSTREAM_UNIT + substreamId + 1;
}

function setOf(streamId: number): number {
  return Math.imul(streamId, 0x9e37_79b1) >>> 25;
}

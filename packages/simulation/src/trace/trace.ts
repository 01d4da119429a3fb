import { assert } from '../errors/assert.ts';
import { RunningHash } from '../state/running-hash.ts';
import type { Snapshottable } from '../state/snapshot.ts';
import type { Nanoseconds } from '../time/nanoseconds.ts';

/** Time and up to six numbers. */
const WIDTH = 7;
/** Room for so many events is made at first: many runs have few. */
const FIRST_EVENTS = 64;

/** A kind of event: its name and what its up to six numbers mean, in order. */
export interface TraceKind<Field extends string = string> {
  readonly name: string;
  readonly fields: readonly Field[];
  /** Stands for the name in hashes; `traceKind` works it out once. */
  readonly nameHash?: number;
}

/** Declares a kind of event. At most six fields. */
export function traceKind<const Fields extends readonly string[]>(
  name: string,
  fields: Fields,
): TraceKind<Fields[number]> {
  assert(fields.length < WIDTH, `trace kind ${name} has more than ${WIDTH - 1} fields`);
  return { name, fields, nameHash: hashName(name) };
}

/** One event as read back: its fields by name, and text if it had any. */
export interface TraceEvent<Field extends string = string> {
  readonly kind: string;
  readonly at: Nanoseconds;
  readonly values: Readonly<Record<Field, number>>;
  readonly text: string | undefined;
}

/** What is kept of a trace, and the hash over all of it. */
export interface TraceState {
  readonly count: number;
  readonly lanes: readonly [number, number];
  readonly events: readonly TraceEvent[];
}

/**
 * Typed events in a ring of bounded size with a running hash over all of them, those that have fallen out
 * of the ring included. Two runs are equal when their hashes are.
 */
export class Trace implements Snapshottable<TraceState> {
  readonly capacity: number;
  #count = 0;
  #kept = 0;
  readonly #hash = new RunningHash();
  readonly #kinds: (TraceKind | undefined)[] = [];
  /** Grows with the events, up to what the ring holds. */
  #numbers: Float64Array;
  readonly #texts: (string | undefined)[] = [];

  /** `capacity` events are kept; older ones only live on in the hash. */
  constructor(capacity = 4096) {
    this.capacity = capacity;
    this.#numbers = new Float64Array(Math.min(capacity, FIRST_EVENTS) * WIDTH);
  }

  /** How many events were recorded in all. */
  get count(): number {
    return this.#count;
  }

  /** Records one event; numbers beyond the kind's fields must be left out. */
  record(kind: TraceKind, at: Nanoseconds, a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, text?: string): void {
    const slot = this.#count++ % this.capacity;
    if (this.#kept < this.capacity) this.#kept++;
    this.#kinds[slot] = kind;
    this.#texts[slot] = text;
    const base = slot * WIDTH;
    if (base >= this.#numbers.length) this.#grow();
    const numbers = this.#numbers;
    numbers[base] = at;
    numbers[base + 1] = a;
    numbers[base + 2] = b;
    numbers[base + 3] = c;
    numbers[base + 4] = d;
    numbers[base + 5] = e;
    numbers[base + 6] = f;
    const hash = this.#hash;
    hash.word(kind.nameHash ?? hashName(kind.name));
    const last = base + kind.fields.length;
    for (let i = base; i <= last; i++) hash.number(numbers[i] as number);
    if (text !== undefined) hash.text(text);
  }

  #grow(): void {
    const wider = new Float64Array(Math.min(2 * this.#numbers.length, this.capacity * WIDTH));
    wider.set(this.#numbers);
    this.#numbers = wider;
  }

  /** Records an event that is mostly text, such as a line of a kernel's log. */
  recordText(kind: TraceKind, at: Nanoseconds, text: string): void {
    this.record(kind, at, 0, 0, 0, 0, 0, 0, text);
  }

  /** The events still kept, oldest first; only those of `kind` if it is given. */
  events(): TraceEvent[];
  events<Field extends string>(kind: TraceKind<Field>): TraceEvent<Field>[];
  events(kind?: TraceKind): TraceEvent[] {
    const result: TraceEvent[] = [];
    for (let i = this.#count - this.#kept; i < this.#count; i++) {
      const slot = i % this.capacity;
      const held = this.#kinds[slot] as TraceKind;
      if (kind !== undefined && held.name !== kind.name) continue;
      const values: Record<string, number> = {};
      for (const [index, field] of held.fields.entries()) {
        values[field] = this.#numbers[slot * WIDTH + 1 + index] as number;
      }
      result.push({
        kind: held.name,
        at: this.#numbers[slot * WIDTH] as number,
        values,
        text: this.#texts[slot],
      });
    }
    return result;
  }

  /** The running hash so far, sixteen hexadecimal digits. */
  hash(): string {
    return this.#hash.digest();
  }

  snapshot(): TraceState {
    return { count: this.#count, lanes: this.#hash.lanes(), events: this.events() };
  }

  restore(state: TraceState): void {
    this.#count = state.count - state.events.length;
    this.#kept = 0;
    for (const event of state.events) {
      const v = Object.values(event.values);
      const kind = { name: event.kind, fields: Object.keys(event.values), nameHash: 0 };
      this.record(kind, event.at, v[0], v[1], v[2], v[3], v[4], v[5], event.text);
    }
    this.#hash.resume(state.lanes);
  }

  hashInto(hash: RunningHash): void {
    hash.number(this.#count);
    hash.text(this.hash());
  }
}

function hashName(name: string): number {
  const hash = new RunningHash();
  hash.text(name);
  return hash.lanes()[1];
}

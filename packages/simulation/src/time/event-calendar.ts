import { AssertionError, assert } from '../errors/assert.ts';
import type { RunningHash } from '../state/running-hash.ts';
import type { Snapshottable } from '../state/snapshot.ts';
import type { Nanoseconds } from './nanoseconds.ts';

/** Handed out by {@link EventCalendar.register}; an index. */
export type HandlerId = number;
/** Handed out by {@link EventCalendar.schedule}; good until the event has run or was cancelled. */
export type EventId = number;
/** Called with the argument that was scheduled; the time is `calendar.now`. */
export type EventHandler = (argument: number) => void;

/** A calendar as plain data; handlers are code and must be registered again in the same order. */
export interface CalendarState {
  readonly now: Nanoseconds;
  readonly sequence: number;
  readonly events: readonly CalendarEvent[];
  /** Ids that the next events get, last first. Without them an id kept from before could name a later event. */
  readonly freeIds: readonly EventId[];
}

/** An event that waits. */
export interface CalendarEvent {
  readonly id: EventId;
  readonly at: Nanoseconds;
  readonly sequence: number;
  /** 0 if it runs once. */
  readonly period: Nanoseconds;
  readonly handler: HandlerId;
  readonly argument: number;
}

const FREE = -1;

/**
 * What happens when. Events of equal time run in the order in which they were scheduled.
 * A binary heap of slot numbers over typed arrays: nothing is allocated per event, a periodic
 * source keeps its slot and is sifted in place.
 */
export class EventCalendar implements Snapshottable<CalendarState> {
  #now: Nanoseconds = 0;
  #sequence = 0;
  #size = 0;
  #capacity: number;
  /** Heap position -> slot. */
  #heap: Int32Array;
  /** By slot: */
  #at: Float64Array;
  #order: Float64Array;
  #period: Float64Array;
  #handler: Int32Array;
  #argument: Float64Array;
  #position: Int32Array;
  #generation: Int32Array;
  #freeSlots: number[] = [];
  readonly #handlers: EventHandler[] = [];

  constructor(initialCapacity = 64) {
    this.#capacity = initialCapacity;
    this.#heap = new Int32Array(initialCapacity);
    this.#at = new Float64Array(initialCapacity);
    this.#order = new Float64Array(initialCapacity);
    this.#period = new Float64Array(initialCapacity);
    this.#handler = new Int32Array(initialCapacity);
    this.#argument = new Float64Array(initialCapacity);
    this.#position = new Int32Array(initialCapacity).fill(FREE);
    this.#generation = new Int32Array(initialCapacity);
    for (let slot = initialCapacity - 1; slot >= 0; slot--) this.#freeSlots.push(slot);
  }

  /** The present instant. */
  get now(): Nanoseconds {
    return this.#now;
  }

  /** How many events are waiting. */
  get pending(): number {
    return this.#size;
  }

  /** Once per source of events, so that no closure is made per event. */
  register(handler: EventHandler): HandlerId {
    return this.#handlers.push(handler) - 1;
  }

  /** One event at `at` (not before now). */
  schedule(at: Nanoseconds, handler: HandlerId, argument = 0): EventId {
    return this.#insert(at, 0, handler, argument);
  }

  /** One event `delay` from now. */
  scheduleAfter(delay: Nanoseconds, handler: HandlerId, argument = 0): EventId {
    return this.#insert(this.#now + delay, 0, handler, argument);
  }

  /** Runs at `first`, and every `period` (> 0) after it until cancelled. */
  schedulePeriodic(first: Nanoseconds, period: Nanoseconds, handler: HandlerId, argument = 0): EventId {
    assert(period > 0 && Number.isSafeInteger(period), 'a period is an integer of nanoseconds above 0');
    return this.#insert(first, period, handler, argument);
  }

  /** False if the event has run already. */
  cancel(id: EventId): boolean {
    const slot = id % 0x100_0000;
    const generation = Math.floor(id / 0x100_0000);
    if (slot >= this.#capacity || this.#generation[slot] !== generation) return false;
    const position = this.#position[slot] as number;
    if (position === FREE) return false;
    this.#removeAt(position);
    this.#release(slot);
    return true;
  }

  /** Time of the next event, Infinity if there is none. */
  nextTime(): Nanoseconds {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#at[this.#heap[0] as number] as number);
  }

  /** Runs the next event; false if there is none. */
  runNext(): boolean {
    if (this.#size === 0) return false;
    const slot = this.#heap[0] as number;
    const at = this.#at[slot] as number;
    this.#now = at;
    const handler = this.#handlers[this.#handler[slot] as number] as EventHandler;
    const argument = this.#argument[slot] as number;
    const period = this.#period[slot] as number;
    if (period > 0) {
      this.#at[slot] = at + period;
      this.#order[slot] = this.#sequence++;
      this.#siftDown(0);
    } else {
      this.#removeAt(0);
      this.#release(slot);
    }
    handler(argument);
    return true;
  }

  /** Runs every event up to and including `time`, then `now` is `time`. Returns how many ran. */
  runUntil(time: Nanoseconds): number {
    if (!(time >= this.#now)) throw new AssertionError(`cannot run back from ${this.#now} to ${time}`);
    let count = 0;
    while (this.#size > 0 && (this.#at[this.#heap[0] as number] as number) <= time) {
      this.runNext();
      count++;
    }
    this.#now = time;
    return count;
  }

  snapshot(): CalendarState {
    const events: CalendarEvent[] = [];
    for (let i = 0; i < this.#size; i++) {
      const slot = this.#heap[i] as number;
      events.push({
        id: this.#idOf(slot),
        at: this.#at[slot] as number,
        sequence: this.#order[slot] as number,
        period: this.#period[slot] as number,
        handler: this.#handler[slot] as number,
        argument: this.#argument[slot] as number,
      });
    }
    events.sort((x, y) => x.at - y.at || x.sequence - y.sequence);
    return {
      now: this.#now,
      sequence: this.#sequence,
      events,
      freeIds: this.#freeSlots.map((slot) => this.#idOf(slot)),
    };
  }

  restore(state: CalendarState): void {
    const count = state.events.length + state.freeIds.length;
    while (this.#capacity < count) this.#grow();
    this.#size = 0;
    this.#position.fill(FREE);
    this.#freeSlots = [];
    // Slots that the snapshot did not have come last into use, as if the calendar had grown then.
    for (let slot = this.#capacity - 1; slot >= count; slot--) {
      this.#generation[slot] = 0;
      this.#freeSlots.push(slot);
    }
    for (const id of state.freeIds) {
      const slot = id % 0x100_0000;
      this.#generation[slot] = Math.floor(id / 0x100_0000);
      this.#freeSlots.push(slot);
    }
    for (const event of state.events) {
      assert(
        event.handler < this.#handlers.length,
        `handler ${event.handler} of the snapshot is not registered`,
      );
      const slot = event.id % 0x100_0000;
      this.#generation[slot] = Math.floor(event.id / 0x100_0000);
      this.#fill(slot, event.at, event.sequence, event.period, event.handler, event.argument);
    }
    this.#now = state.now;
    this.#sequence = state.sequence;
  }

  hashInto(hash: RunningHash): void {
    const { now, events } = this.snapshot();
    hash.number(now);
    for (const event of events) {
      hash.number(event.at);
      hash.number(event.period);
      hash.word(event.handler);
      hash.number(event.argument);
    }
  }

  #insert(at: Nanoseconds, period: Nanoseconds, handler: HandlerId, argument: number): EventId {
    if (!(at >= this.#now && Number.isSafeInteger(at))) {
      throw new AssertionError(
        `cannot schedule at ${at}: not an integer of nanoseconds from ${this.#now} on`,
      );
    }
    if (!(handler >= 0 && handler < this.#handlers.length)) {
      throw new AssertionError(`no handler ${handler} is registered`);
    }
    if (this.#freeSlots.length === 0) this.#grow();
    const slot = this.#freeSlots.pop() as number;
    this.#fill(slot, at, this.#sequence++, period, handler, argument);
    return this.#idOf(slot);
  }

  #fill(
    slot: number,
    at: Nanoseconds,
    order: number,
    period: number,
    handler: number,
    argument: number,
  ): void {
    this.#at[slot] = at;
    this.#order[slot] = order;
    this.#period[slot] = period;
    this.#handler[slot] = handler;
    this.#argument[slot] = argument;
    const position = this.#size++;
    this.#heap[position] = slot;
    this.#position[slot] = position;
    this.#siftUp(position);
  }

  #idOf(slot: number): EventId {
    return (this.#generation[slot] as number) * 0x100_0000 + slot;
  }

  #release(slot: number): void {
    this.#position[slot] = FREE;
    this.#generation[slot] = ((this.#generation[slot] as number) + 1) & 0xf_ffff;
    this.#freeSlots.push(slot);
  }

  #removeAt(position: number): void {
    const last = --this.#size;
    if (position === last) return;
    const moved = this.#heap[last] as number;
    this.#heap[position] = moved;
    this.#position[moved] = position;
    this.#siftDown(position);
    this.#siftUp(this.#position[moved] as number);
  }

  #siftUp(start: number): void {
    const heap = this.#heap;
    const at = this.#at;
    const order = this.#order;
    const slot = heap[start] as number;
    const time = at[slot] as number;
    const rank = order[slot] as number;
    let i = start;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const other = heap[parent] as number;
      const otherTime = at[other] as number;
      if (otherTime < time || (otherTime === time && (order[other] as number) < rank)) break;
      heap[i] = other;
      this.#position[other] = i;
      i = parent;
    }
    heap[i] = slot;
    this.#position[slot] = i;
  }

  #siftDown(start: number): void {
    const heap = this.#heap;
    const at = this.#at;
    const order = this.#order;
    const position = this.#position;
    const size = this.#size;
    const slot = heap[start] as number;
    const time = at[slot] as number;
    const rank = order[slot] as number;
    let i = start;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= size) break;
      let best = heap[child] as number;
      let bestTime = at[best] as number;
      if (child + 1 < size) {
        const right = heap[child + 1] as number;
        const rightTime = at[right] as number;
        if (
          rightTime < bestTime ||
          (rightTime === bestTime && (order[right] as number) < (order[best] as number))
        ) {
          child++;
          best = right;
          bestTime = rightTime;
        }
      }
      if (time < bestTime || (time === bestTime && rank < (order[best] as number))) break;
      heap[i] = best;
      position[best] = i;
      i = child;
    }
    heap[i] = slot;
    position[slot] = i;
  }

  #grow(): void {
    const capacity = this.#capacity * 2;
    const wider = <T extends Int32Array | Float64Array>(old: T, fresh: T): T => {
      fresh.set(old);
      return fresh;
    };
    this.#heap = wider(this.#heap, new Int32Array(capacity));
    this.#at = wider(this.#at, new Float64Array(capacity));
    this.#order = wider(this.#order, new Float64Array(capacity));
    this.#period = wider(this.#period, new Float64Array(capacity));
    this.#handler = wider(this.#handler, new Int32Array(capacity));
    this.#argument = wider(this.#argument, new Float64Array(capacity));
    this.#generation = wider(this.#generation, new Int32Array(capacity));
    const position = new Int32Array(capacity).fill(FREE);
    position.set(this.#position);
    this.#position = position;
    for (let slot = capacity - 1; slot >= this.#capacity; slot--) this.#freeSlots.push(slot);
    this.#capacity = capacity;
  }
}

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
 * A heap of four children over typed arrays, times beside each other: nothing is allocated per event, a periodic
 * source keeps its slot and is sifted in place.
 */
export class EventCalendar implements Snapshottable<CalendarState> {
  #now: Nanoseconds = 0;
  #sequence = 0;
  #size = 0;
  #capacity: number;
  /** By heap position: slot, time, and rank among equal times. */
  #heap: Int32Array;
  #at: Float64Array;
  #order: Float64Array;
  /** By slot: */
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
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#at[0] as number);
  }

  /** Runs the next event; false if there is none. */
  runNext(): boolean {
    if (this.#size === 0) return false;
    const slot = this.#heap[0] as number;
    const at = this.#at[0] as number;
    this.#now = at;
    const handler = this.#handlers[this.#handler[slot] as number] as EventHandler;
    const argument = this.#argument[slot] as number;
    const period = this.#period[slot] as number;
    if (period > 0) this.#siftDown(0, slot, at + period, this.#sequence++);
    else {
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
    while (this.#size > 0 && (this.#at[0] as number) <= time) {
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
        at: this.#at[i] as number,
        sequence: this.#order[i] as number,
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
    this.#period[slot] = period;
    this.#handler[slot] = handler;
    this.#argument[slot] = argument;
    this.#siftUp(this.#size++, slot, at, order);
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
    const slot = this.#heap[last] as number;
    const time = this.#at[last] as number;
    const rank = this.#order[last] as number;
    if (position > 0 && this.#isBefore(time, rank, (position - 1) >> 2)) {
      this.#siftUp(position, slot, time, rank);
    } else this.#siftDown(position, slot, time, rank);
  }

  #isBefore(time: Nanoseconds, rank: number, position: number): boolean {
    const other = this.#at[position] as number;
    return time < other || (time === other && rank < (this.#order[position] as number));
  }

  #put(position: number, slot: number, time: Nanoseconds, rank: number): void {
    this.#heap[position] = slot;
    this.#at[position] = time;
    this.#order[position] = rank;
    this.#position[slot] = position;
  }

  /** Finds the place of an event at `start` or above; what stood at `start` is overwritten. */
  #siftUp(start: number, slot: number, time: Nanoseconds, rank: number): void {
    let i = start;
    while (i > 0) {
      const parent = (i - 1) >> 2;
      if (!this.#isBefore(time, rank, parent)) break;
      this.#put(i, this.#heap[parent] as number, this.#at[parent] as number, this.#order[parent] as number);
      i = parent;
    }
    this.#put(i, slot, time, rank);
  }

  /** Finds the place of an event at `start` or below; what stood at `start` is overwritten. */
  #siftDown(start: number, slot: number, time: Nanoseconds, rank: number): void {
    const at = this.#at;
    const order = this.#order;
    const heap = this.#heap;
    const position = this.#position;
    const size = this.#size;
    let i = start;
    for (;;) {
      let best = 4 * i + 1;
      if (best >= size) break;
      let bestTime = at[best] as number;
      const end = Math.min(best + 4, size);
      for (let child = best + 1; child < end; child++) {
        const childTime = at[child] as number;
        if (
          childTime < bestTime ||
          (childTime === bestTime && (order[child] as number) < (order[best] as number))
        ) {
          best = child;
          bestTime = childTime;
        }
      }
      if (time < bestTime || (time === bestTime && rank < (order[best] as number))) break;
      const moved = heap[best] as number;
      heap[i] = moved;
      at[i] = bestTime;
      order[i] = order[best] as number;
      position[moved] = i;
      i = best;
    }
    this.#put(i, slot, time, rank);
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

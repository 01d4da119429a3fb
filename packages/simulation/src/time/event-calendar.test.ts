import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunningHash } from '../state/running-hash.ts';
import { EventCalendar } from './event-calendar.ts';

function hashOf(calendar: EventCalendar): string {
  const hash = new RunningHash();
  calendar.hashInto(hash);
  return hash.digest();
}

describe('EventCalendar', () => {
  it('runs events of equal time in the order in which they were scheduled', () => {
    const calendar = new EventCalendar();
    const ran: number[] = [];
    const note = calendar.register((argument) => ran.push(argument));
    for (let i = 0; i < 100; i++) calendar.schedule(i % 2 === 0 ? 7 : 5, note, i);
    expect(calendar.runUntil(10)).toBe(100);
    const odd = Array.from({ length: 50 }, (_, i) => 2 * i + 1);
    expect(ran).toEqual([...odd, ...odd.map((i) => i - 1)]);
    expect(calendar.now).toBe(10);
  });

  it('runs a periodic source until it is cancelled, by itself too', () => {
    const calendar = new EventCalendar();
    const at: number[] = [];
    const source = calendar.register(() => {
      at.push(calendar.now);
      if (at.length === 3) expect(calendar.cancel(id)).toBe(true);
    });
    const id = calendar.schedulePeriodic(100, 10, source);
    calendar.runUntil(1000);
    expect(at).toEqual([100, 110, 120]);
    expect(calendar.pending).toBe(0);
    expect(calendar.cancel(id)).toBe(false);
  });

  it('lets a handler schedule at the present instant', () => {
    const calendar = new EventCalendar();
    const ran: string[] = [];
    const last = calendar.register(() => ran.push('last'));
    const first = calendar.register(() => {
      ran.push('first');
      calendar.scheduleAfter(0, last);
    });
    calendar.schedule(5, first);
    calendar.runUntil(5);
    expect(ran).toEqual(['first', 'last']);
  });

  it('says when the next event is', () => {
    const calendar = new EventCalendar();
    expect(calendar.nextTime()).toBe(Number.POSITIVE_INFINITY);
    expect(calendar.runNext()).toBe(false);
    calendar.schedule(
      42,
      calendar.register(() => {}),
    );
    expect(calendar.nextTime()).toBe(42);
    expect(calendar.runNext()).toBe(true);
    expect(calendar.now).toBe(42);
  });

  it('refuses the past, fractions, idle periods and handlers it does not know', () => {
    const calendar = new EventCalendar();
    const handler = calendar.register(() => {});
    calendar.runUntil(10);
    expect(() => calendar.schedule(9, handler)).toThrow(/from 10 on/);
    expect(() => calendar.schedule(10.5, handler)).toThrow(/integer/);
    expect(() => calendar.schedule(Number.NaN, handler)).toThrow(/integer/);
    expect(() => calendar.schedulePeriodic(10, 0, handler)).toThrow(/period/);
    expect(() => calendar.schedule(10, handler + 1)).toThrow(/handler 1/);
    expect(() => calendar.runUntil(9)).toThrow(/back/);
  });

  it('does not take an id of before the snapshot for a later event', () => {
    const calendar = new EventCalendar();
    const handler = calendar.register(() => {});
    const gone = calendar.schedule(1, handler);
    calendar.runUntil(1);
    const later = new EventCalendar();
    later.register(() => {});
    later.restore(calendar.snapshot());
    later.schedule(2, handler);
    expect(later.cancel(gone)).toBe(false);
    expect(later.pending).toBe(1);
  });

  it('refuses a snapshot whose handlers are not registered', () => {
    const calendar = new EventCalendar();
    calendar.schedule(
      1,
      calendar.register(() => {}),
    );
    expect(() => new EventCalendar().restore(calendar.snapshot())).toThrow(/not registered/);
  });
});

/** A list, sorted anew each time. */
class ListCalendar {
  now = 0;
  #sequence = 0;
  events: { key: number; at: number; sequence: number; period: number; argument: number }[] = [];
  insert(key: number, at: number, period: number, argument: number): void {
    this.events.push({ key, at, sequence: this.#sequence++, period, argument });
  }
  cancel(key: number): boolean {
    const before = this.events.length;
    this.events = this.events.filter((event) => event.key !== key);
    return this.events.length < before;
  }
  runUntil(time: number, ran: number[][]): void {
    for (;;) {
      this.events.sort((a, b) => a.at - b.at || a.sequence - b.sequence);
      const next = this.events[0];
      if (next === undefined || next.at > time) break;
      this.now = next.at;
      if (next.period > 0) {
        next.at += next.period;
        next.sequence = this.#sequence++;
      } else this.events.shift();
      ran.push([this.now, next.argument]);
    }
    this.now = time;
  }
}

const step = fc.oneof(
  fc.record({ do: fc.constant('once' as const), delay: fc.nat(20) }),
  fc.record({
    do: fc.constant('periodic' as const),
    delay: fc.nat(20),
    period: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({ do: fc.constant('cancel' as const), which: fc.nat(30) }),
  fc.record({ do: fc.constant('run' as const), delay: fc.nat(15) }),
  fc.record({ do: fc.constant('move' as const) }),
);

describe('against a sorted list', () => {
  it('runs the same events at the same times, over cancellations and moves to another calendar', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ran: number[][] = [];
        const expected: number[][] = [];
        const make = (): EventCalendar => {
          const calendar = new EventCalendar(2);
          calendar.register((argument) => ran.push([calendar.now, argument]));
          return calendar;
        };
        let calendar = make();
        const list = new ListCalendar();
        const ids: number[] = [];
        for (const one of steps) {
          if (one.do === 'once') {
            list.insert(ids.length, list.now + one.delay, 0, ids.length);
            ids.push(calendar.scheduleAfter(one.delay, 0, ids.length));
          } else if (one.do === 'periodic') {
            const first = list.now + one.delay;
            list.insert(ids.length, first, one.period, ids.length);
            ids.push(calendar.schedulePeriodic(first, one.period, 0, ids.length));
          } else if (one.do === 'cancel' && one.which < ids.length) {
            expect(calendar.cancel(ids[one.which] as number)).toBe(list.cancel(one.which));
          } else if (one.do === 'run') {
            calendar.runUntil(list.now + one.delay);
            list.runUntil(list.now + one.delay, expected);
          } else if (one.do === 'move') {
            const before = calendar.snapshot();
            const other = make();
            other.restore(structuredClone(before));
            expect(other.snapshot()).toEqual(before);
            expect(hashOf(other)).toBe(hashOf(calendar));
            calendar = other;
          }
          expect(ran).toEqual(expected);
          expect(calendar.pending).toBe(list.events.length);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('keeps its order when many of many events are cancelled', () => {
    const times = fc.array(fc.nat(30), { minLength: 50, maxLength: 300 });
    fc.assert(
      fc.property(times, fc.array(fc.nat(), { maxLength: 200 }), (at, cancelled) => {
        const calendar = new EventCalendar();
        const ran: number[] = [];
        const note = calendar.register((argument) => ran.push(argument));
        const ids = at.map((time, index) => calendar.schedule(time, note, index));
        const gone = new Set(cancelled.map((n) => n % ids.length));
        for (const index of gone) calendar.cancel(ids[index] as number);
        calendar.runUntil(30);
        const left = at.map((time, index) => ({ time, index })).filter(({ index }) => !gone.has(index));
        expect(ran).toEqual(left.sort((a, b) => a.time - b.time).map(({ index }) => index));
      }),
      { numRuns: 200 },
    );
  });

  it('goes on alike after a restore: same events, same ids, same hash', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.array(step, { maxLength: 30 }), (before, after) => {
        const drive = (calendar: EventCalendar, steps: typeof before): number[] => {
          const ids: number[] = [];
          for (const one of steps) {
            if (one.do === 'once') ids.push(calendar.scheduleAfter(one.delay, 0));
            else if (one.do === 'periodic')
              ids.push(calendar.schedulePeriodic(calendar.now + one.delay, one.period, 0));
            else if (one.do === 'run') calendar.runUntil(calendar.now + one.delay);
            else if (one.do === 'cancel') calendar.cancel(ids[one.which] ?? 0);
          }
          return ids;
        };
        const make = (): EventCalendar => {
          const calendar = new EventCalendar(4);
          calendar.register(() => {});
          return calendar;
        };
        const original = make();
        drive(original, before);
        const copy = make();
        drive(copy, after);
        copy.restore(original.snapshot());
        expect(drive(copy, after)).toEqual(drive(original, after));
        expect(hashOf(copy)).toBe(hashOf(original));
      }),
      { numRuns: 200 },
    );
  });
});

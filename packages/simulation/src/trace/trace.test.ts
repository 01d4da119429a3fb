import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunningHash } from '../state/running-hash.ts';
import { Trace, traceKind } from './trace.ts';

const fault = traceKind('dma fault', ['requester', 'address', 'reason']);
const log = traceKind('log', []);

describe('Trace', () => {
  it('gives events back by name, oldest first', () => {
    const trace = new Trace();
    trace.record(fault, 10, 0x0100, 0xfff6_9000, 5);
    trace.recordText(log, 20, 'DRHD: handling fault status reg 2');
    expect(trace.events()).toEqual([
      {
        kind: 'dma fault',
        at: 10,
        values: { requester: 0x0100, address: 0xfff6_9000, reason: 5 },
        text: undefined,
      },
      { kind: 'log', at: 20, values: {}, text: 'DRHD: handling fault status reg 2' },
    ]);
    expect(trace.events(fault).map((event) => event.values.reason)).toEqual([5]);
  });

  it('keeps the newest events and hashes all', () => {
    const small = new Trace(4);
    const large = new Trace(64);
    for (let i = 0; i < 10; i++) {
      small.record(fault, i, i, 0, 0);
      large.record(fault, i, i, 0, 0);
    }
    expect(small.count).toBe(10);
    expect(small.events().map((event) => event.at)).toEqual([6, 7, 8, 9]);
    expect(small.hash()).toBe(large.hash());
  });

  it('hashes alike whoever declared the kind', () => {
    const [one, other, renamed] = [new Trace(), new Trace(), new Trace()];
    one.record(fault, 1, 2, 3, 4);
    other.record({ name: 'dma fault', fields: ['a', 'b', 'c'] }, 1, 2, 3, 4);
    renamed.record(traceKind('dma faulT', ['a', 'b', 'c']), 1, 2, 3, 4);
    expect(other.hash()).toBe(one.hash());
    expect(renamed.hash()).not.toBe(one.hash());
  });

  it('hashes a different text, time, order or number differently', () => {
    const hashOf = (fill: (trace: Trace) => void): string => {
      const trace = new Trace();
      fill(trace);
      return trace.hash();
    };
    const hashes = [
      hashOf(() => {}),
      hashOf((t) => t.recordText(log, 1, 'a')),
      hashOf((t) => t.recordText(log, 1, 'b')),
      hashOf((t) => t.recordText(log, 2, 'a')),
      hashOf((t) => t.record(log, 1)),
      hashOf((t) => t.record(fault, 1, 1, 2)),
      hashOf((t) => t.record(fault, 1, 2, 1)),
      hashOf((t) => {
        t.record(log, 1);
        t.record(fault, 1);
      }),
      hashOf((t) => {
        t.record(fault, 1);
        t.record(log, 1);
      }),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('refuses a kind of more fields than it can hold', () => {
    expect(() => traceKind('wide', ['1', '2', '3', '4', '5', '6', '7'])).toThrow(/6 fields/);
  });

  it('goes on alike after a restore, into a ring of another size too', () => {
    const event = fc.record({
      at: fc.nat(),
      values: fc.array(fc.nat(), { maxLength: 3 }),
      text: fc.option(fc.string()),
    });
    const size = fc.integer({ min: 1, max: 8 });
    fc.assert(
      fc.property(fc.array(event), fc.array(event), size, size, (before, after, capacity, other) => {
        const record = (trace: Trace, events: typeof before): void => {
          for (const { at, values, text } of events) {
            trace.record(fault, at, values[0], values[1], values[2], 0, 0, 0, text ?? undefined);
          }
        };
        const trace = new Trace(capacity);
        record(trace, before);
        const copy = new Trace(other);
        record(copy, after);
        copy.restore(structuredClone(trace.snapshot()));
        const kept = Math.min(capacity, other, before.length);
        expect(copy.events()).toEqual(kept === 0 ? [] : trace.events().slice(-kept));
        record(trace, after);
        record(copy, after);
        expect(copy.hash()).toBe(trace.hash());
        expect(copy.count).toBe(trace.count);
        const [a, b] = [new RunningHash(), new RunningHash()];
        copy.hashInto(a);
        trace.hashInto(b);
        expect(a.digest()).toBe(b.digest());
        const both = Math.min(other, capacity, before.length + after.length);
        if (both > 0) expect(copy.events().slice(-both)).toEqual(trace.events().slice(-both));
      }),
    );
  });
});

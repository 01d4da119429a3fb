import { RunningHash } from '@quiesce/simulation';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Completion } from '../../request/completion.ts';
import { defaultTraits, type EndpointTraits, type EndpointWorkload } from '../endpoint-description.ts';
import { MemoryPort, runEngine } from '../testing/memory-port.ts';
import { CyclicStreamEngine } from './cyclic-stream-engine.ts';

const GCTL = 0x08;
const STATESTS = 0x0e;
const INTCTL = 0x20;
const INTSTS = 0x24;
const WALCLK = 0x30;
const SDCTL = 0x80;
const SDLPIB = 0x84;
const SDCBL = 0x88;
const SDLVI = 0x8c;
const SDBDPL = 0x98;

const SRST = 1;
const RUN = 2;
const IOCE = 4;
const BCIS = 1 << 26;
const LIST = 0x10_0000;
const BUFFER = 0x20_0000;
const MS = 1_000_000;

const captured: EndpointWorkload = {
  ratePerSecond: 48_000,
  bytesPerUnit: 4,
  burstBytes: 64,
  direction: 'to-memory',
};
const description = (traits: Partial<EndpointTraits> = {}, workload: Partial<EndpointWorkload> = {}) =>
  ({
    kind: 'cyclic-stream',
    traits: { ...defaultTraits, ...traits },
    workload: { ...captured, ...workload },
  }) as const;

let hda: CyclicStreamEngine;
let port: MemoryPort;

const read = (offset: number, size = 4): number => hda.readRegister(0, offset, size, port.now);
const write = (offset: number, value: number, size = 4): void =>
  hda.writeRegister(0, offset, size, value, port.now);

function setUp(periods: readonly number[], engine = hda, at = port): void {
  const put = (offset: number, value: number, size = 4): void =>
    engine.writeRegister(0, offset, size, value, at.now);
  let address = BUFFER;
  for (const [index, length] of periods.entries()) {
    const entry = [address, 0, length, 1];
    for (const [word, value] of entry.entries()) at.memory.write32(LIST + index * 16 + word * 4, value, 0);
    address += length;
  }
  put(GCTL, 1);
  put(SDBDPL, LIST);
  put(SDLVI, periods.length - 1, 2);
  put(SDCBL, address - BUFFER);
  put(INTCTL, 0x8000_0001);
  put(SDCTL, RUN | IOCE);
}

beforeEach(() => {
  hda = new CyclicStreamEngine(description(), 1);
  port = new MemoryPort();
});

describe('an HD audio controller', () => {
  it('has one input stream when it captures and one output stream when it plays', () => {
    expect(read(0, 2)).toBe(0x0101);
    hda = new CyclicStreamEngine(description({}, { direction: 'from-memory' }), 1);
    expect(read(0, 2)).toBe(0x1001);
    hda.reset('conventional', 0);
    expect(read(0, 2)).toBe(0x1001);
  });

  it('takes no writes but to GCTL in reset, and reports its codec 521 us after it', () => {
    write(SDBDPL, LIST);
    expect(read(SDBDPL)).toBe(0);
    write(GCTL, 1);
    expect(read(STATESTS, 2)).toBe(0);
    port.now += 600_000;
    expect(read(STATESTS, 2)).toBe(1);
    write(STATESTS, 1, 2);
    expect(read(STATESTS, 2)).toBe(0);
    expect(read(WALCLK)).toBe(14_400);
  });

  it('stops everything when CRST is cleared', () => {
    setUp([4096, 4096]);
    runEngine(hda, port, 5 * MS);
    write(GCTL, 0);
    expect(hda.nextTime).toBe(Number.POSITIVE_INFINITY);
    expect([read(SDCTL), read(SDBDPL), read(GCTL)]).toEqual([0, 0, 0]);
  });
});

describe('its stream', () => {
  it('moves 192 KB a second', () => {
    setUp([65_536, 65_536]);
    runEngine(hda, port, 1000 * MS);
    expect(port.totals.writtenBytes).toBeGreaterThan(191_800);
    expect(port.totals.writtenBytes).toBeLessThan(192_200);
    expect(read(SDLPIB)).toBe(port.totals.writtenBytes % 131_072);
  });

  it('reads memory when it plays', () => {
    hda = new CyclicStreamEngine(description({}, { direction: 'from-memory' }), 1);
    setUp([4096, 4096]);
    runEngine(hda, port, 10 * MS);
    expect(port.totals.writtenBytes).toBe(0);
    expect(port.totals.readBytes).toBeGreaterThan(1000);
  });

  it('interrupts at the end of each period and wraps for ever', () => {
    setUp([1920, 1920]);
    runEngine(hda, port, 1000 * MS);
    expect(port.totals.interrupts).toBe(100);
    expect(read(INTSTS)).toBe(0x8000_0001);
    write(SDCTL + 3, BCIS >>> 24, 1);
    expect(read(INTSTS)).toBe(0);
  });

  it('loads its list when it starts and when it wraps, so that a change of the list takes effect then', () => {
    setUp([1920, 1920]);
    runEngine(hda, port, 5 * MS);
    expect(port.totals.readRequests).toBe(8);
    port.memory.write32(LIST + 16, 0x30_0000, 0);
    runEngine(hda, port, 19 * MS);
    expect(port.memory.lastWriterAt(0x30_0000)).toBeUndefined();
    runEngine(hda, port, 32 * MS);
    expect(port.memory.lastWriterAt(0x30_0000)).toBe('device');
    expect(port.totals.readRequests).toBe(16);
  });

  it('is cleared by SRST, and begins anew', () => {
    setUp([1920, 1920]);
    runEngine(hda, port, 15 * MS);
    write(SDCTL, SRST);
    expect(read(SDCTL) & (SRST | RUN)).toBe(SRST);
    expect(read(SDLPIB)).toBe(0);
    runEngine(hda, port, 16 * MS);
    expect(port.totals.deasserts).toBe(1);
    expect(hda.nextTime).toBe(Number.POSITIVE_INFINITY);
    write(SDCTL, 0);
    expect(read(SDCTL) & SRST).toBe(0);
  });

  it('goes on with what it holds when the list can no longer be read', () => {
    setUp([1920, 1920]);
    runEngine(hda, port, 5 * MS);
    port.answer = (address) => (address < BUFFER ? Completion.unsupportedRequest : Completion.success);
    runEngine(hda, port, 100 * MS);
    expect(port.totals.writtenBytes).toBeGreaterThan(19_000);
    expect(read(SDCTL) & (1 << 28)).not.toBe(0);
  });

  it('ends when a list names no bytes at all', () => {
    setUp([0, 0]);
    expect(runEngine(hda, port, 100 * MS)).toBeLessThan(3);
  });
});

describe('many steps in one', () => {
  const periods = fc.array(
    fc.integer({ min: 1, max: 300 }).map((n) => n * 4),
    { minLength: 1, maxLength: 4 },
  );
  const horizons = fc.array(fc.integer({ min: 1, max: 40 * MS }), { minLength: 1, maxLength: 6 });
  const reaction = fc.constantFrom('ignore', 'retry', 'stop-until-reset', 'fatal-error');
  const direction = fc.constantFrom('to-memory', 'from-memory');
  const burst = fc.constantFrom(16, 60, 64, 128, 256);
  const granule = fc.constantFrom(256, 1024, 4096);

  it('give the same state, memory and totals as one after the other', () => {
    fc.assert(
      fc.property(
        periods,
        horizons,
        reaction,
        direction,
        burst,
        granule,
        fc.boolean(),
        (lengths, pauses, onRefusal, way, burstBytes, validity, refuses) => {
          const results = (['steady-steps', 'event-by-event'] as const).map((mode) => {
            const engine = new CyclicStreamEngine(
              description({ onRefusal }, { direction: way, burstBytes }),
              7,
            );
            const memory = new MemoryPort(validity);
            if (refuses) {
              // Some pages are refused, as with a table that has holes.
              memory.answer = (address) =>
                Math.floor(address / 4096) % 3 === 1 ? Completion.unsupportedRequest : Completion.success;
            }
            setUp(lengths, engine, memory);
            for (const pause of pauses) {
              const until = memory.now + pause;
              runEngine(engine, memory, until, mode);
              // A register access between the steps, as a driver makes one.
              engine.writeRegister(0, SDCTL + 3, 1, BCIS >>> 24, until);
            }
            const hash = new RunningHash();
            engine.hashInto(hash);
            return {
              hash: hash.digest(),
              pages: memory.memory.snapshot().pages,
              state: engine.snapshot(),
              totals: memory.totals,
              nextTime: engine.nextTime,
            };
          });
          expect(results[0]).toEqual(results[1]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('are few: 6 s of 192 KB a second take no more than two requests a page and a step a period', () => {
    setUp([65_536, 65_536]);
    const steps = runEngine(hda, port, 6000 * MS);
    expect(port.totals.writtenBytes).toBeGreaterThan(1_150_000);
    expect(steps).toBeLessThan(700);
  });

  it('can be interrupted by a snapshot and go on elsewhere', () => {
    setUp([1920, 1920]);
    runEngine(hda, port, 13 * MS);
    const other = new CyclicStreamEngine(description(), 1);
    other.restore(hda.snapshot());
    expect(other.nextTime).toBe(hda.nextTime);
    const hashes = [hda, other].map((engine) => {
      const own = new MemoryPort();
      own.memory.restore(port.memory.snapshot());
      runEngine(engine, own, 40 * MS);
      const hash = new RunningHash();
      engine.hashInto(hash);
      return hash.digest();
    });
    expect(hashes[0]).toBe(hashes[1]);
  });
});

import { RunningHash } from '@quiesce/simulation';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine, endpointKinds } from './create-engine.ts';
import { defaultTraits, type EndpointDescription, type EndpointWorkload } from './endpoint-description.ts';
import { MemoryPort, runEngine } from './testing/memory-port.ts';

const workload: EndpointWorkload = {
  ratePerSecond: 1000,
  bytesPerUnit: 1024,
  burstBytes: 128,
  direction: 'to-memory',
};
const describeKind = (kind: EndpointDescription['kind']): EndpointDescription => ({
  kind,
  traits: defaultTraits,
  workload,
});
const digest = (engine: { hashInto(hash: RunningHash): void }): string => {
  const hash = new RunningHash();
  engine.hashInto(hash);
  return hash.digest();
};

describe.each(endpointKinds)('an engine of kind %s', (kind) => {
  it('has nothing to do after power-on', () => {
    expect(createEngine(describeKind(kind), { seed: 1 }).nextTime).toBe(Number.POSITIVE_INFINITY);
  });

  it('answers all ones where it has no register', () => {
    const engine = createEngine(describeKind(kind), { seed: 1 });
    expect(engine.readRegister(0, 0x6_0000, 4, 0)).toBe(0xffff_ffff);
    expect(engine.readRegister(0, 0x6_0000, 1, 0)).toBe(0xff);
    engine.writeRegister(0, 0x6_0000, 4, 1, 0);
  });

  it('survives any register writes over any memory, and is as new after a reset', () => {
    const place = fc.oneof(
      fc.integer({ min: 0, max: 0xa0 }),
      fc.integer({ min: 0xc0, max: 0x140 }),
      fc.integer({ min: 0x420, max: 0x430 }),
      fc.integer({ min: 0x500, max: 0x508 }),
      fc.integer({ min: 0x600, max: 0x640 }),
      fc.integer({ min: 0x800, max: 0x808 }),
      fc.integer({ min: 0x1000, max: 0x1010 }),
      fc.integer({ min: 0x2800, max: 0x2820 }),
      fc.integer({ min: 0x7_0000, max: 0x7_01a0 }),
    );
    const access = fc.record({
      offset: place,
      size: fc.constantFrom(1, 2, 4),
      value: fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(0, 1, 3, 0x8000_0000, 0xffff_ffff)),
      pause: fc.integer({ min: 0, max: 3_000_000 }),
    });
    const fill = fc.constantFrom(0, 0xffff_ffff, 0x0010_0000);
    fc.assert(
      fc.property(fc.array(access, { maxLength: 30 }), fill, (accesses, word) => {
        const engine = createEngine(describeKind(kind), { seed: 5 });
        const fresh = digest(engine);
        const port = new MemoryPort();
        for (let at = 0x10_0000; at < 0x10_1000; at += 4) port.memory.write32(at, word, 0);
        for (const { offset, size, value, pause } of accesses) {
          engine.writeRegister(0, offset & ~(size - 1), size, value % 2 ** (size * 8), port.now);
          runEngine(engine, port, port.now + pause);
          const read = engine.readRegister(0, offset & ~(size - 1), size, port.now);
          expect(read).toBeGreaterThanOrEqual(0);
          expect(engine.nextTime).toBeGreaterThanOrEqual(port.now);
        }
        const copy = createEngine(describeKind(kind), { seed: 5 });
        copy.restore(engine.snapshot());
        expect(digest(copy)).toBe(digest(engine));
        engine.reset('cold', port.now);
        runEngine(engine, port, port.now + 1);
        expect(engine.nextTime).toBe(Number.POSITIVE_INFINITY);
        // A link trains, and firmware starts, from a reset on.
        if (kind !== 'ahci' && kind !== 'mpt') expect(digest(engine)).toBe(fresh);
      }),
      { numRuns: 60 },
    );
  });
});

describe('createEngine', () => {
  it('names what is wrong with a description', () => {
    const make = (change: object) => () =>
      createEngine({ ...describeKind('nvme'), ...change } as EndpointDescription, { seed: 1 });
    expect(make({ kind: 'toaster' })).toThrow(/no endpoint of kind "toaster" \(expected network-ring/);
    expect(make({ kind: 'toString' })).toThrow(/no endpoint of kind/);
    expect(make({ workload: { ...workload, ratePerSecond: Number.NaN } })).toThrow(/ratePerSecond is NaN/);
    expect(make({ workload: { ...workload, bytesPerUnit: 0 } })).toThrow(/bytesPerUnit is 0/);
    expect(make({ workload: { ...workload, burstBytes: 8192 } })).toThrow(/burstBytes is 8192/);
  });

  it('gives devices of different seeds different phases, and the same seed the same', () => {
    const first = (seed: number): number => {
      const engine = createEngine(describeKind('scan-out'), { seed });
      engine.writeRegister(0, 0x7_0180, 4, 0x8000_0000, 0);
      return engine.nextTime;
    };
    expect(first(1)).toBe(first(1));
    expect(new Set([1, 2, 3, 4].map(first)).size).toBe(4);
  });
});

import { RunningHash } from '@quiesce/simulation';
import fc from 'fast-check';
import { expect, describe as suite, test } from 'vitest';
import { createEngine } from '../endpoint/create-engine.ts';
import type { EndpointKind, EndpointTraits } from '../endpoint/endpoint-description.ts';
import type { FabricMode } from './pcie-fabric.ts';
import { at, describe, portType } from './testing/config-bytes.ts';
import { MiB, type TestMachine, testMachine } from './testing/test-machine.ts';

const MS = 1_000_000;
/** The NIC is 01:00.0 and the audio controller 02:00.0, each below a root port of its own. */
const NIC = 0xc000_0000;
const AUDIO = 0xc010_0000;
/** I/O addresses; each device's domain maps them somewhere else. */
const RING = 0xffff_0000;
const LIST = 0xfffe_0000;

interface Plan {
  readonly mode?: FabricMode;
  readonly traits?: Partial<EndpointTraits>;
  readonly framesPerSecond?: number;
  readonly period?: number;
  readonly burstBytes?: number;
}

/** A machine whose first kernel has mapped buffers and started both devices, at time 0. */
function running(plan: Plan = {}): TestMachine {
  const { mode, traits = {}, framesPerSecond = 1000, period = 16384, burstBytes = 128 } = plan;
  const below = (bus: number, bar0: number) =>
    describe({ bus, type: portType.endpoint, bar0, pin: 1, traits });
  const port = (device: number, secondary: number, mib: number) =>
    describe({
      bus: 0,
      device,
      type: portType.rootPort,
      secondary,
      window: [mib, mib],
      command: 0x0106,
      deviceControl: 0x000f,
    });
  const machine = testMachine(
    [port(1, 1, 0xc00), port(2, 2, 0xc01), below(1, NIC), below(2, AUDIO)],
    mode === undefined ? { withUnit: true } : { withUnit: true, mode },
  );
  const { fabric, memory, unit } = machine;
  const attach = (place: string, kind: EndpointKind, rate: number, bytes: number): void => {
    const fn = machine.fn(place);
    const workload = {
      ratePerSecond: rate,
      bytesPerUnit: bytes,
      burstBytes,
      direction: 'to-memory',
    } as const;
    fabric.attachEngine(
      fn,
      createEngine({ kind, traits: fn.description.endpoint.traits, workload }, { seed: 5 }),
    );
  };
  attach('01:00.0', 'network-ring', framesPerSecond, 600);
  attach('02:00.0', 'cyclic-stream', 48_000, 4);
  const cpu = memory.writer('first kernel');
  const put = (address: number, ...words: number[]): void =>
    words.forEach((word, i) => void memory.write32(address + i * 4, word, cpu));

  // The NIC: 256 descriptors at 8 MiB, a page each at 9 MiB. It takes 64 of them at a time.
  unit.map(0x100, RING, 8 * MiB);
  for (let i = 0; i < 256; i++) {
    unit.map(0x100, 0xff00_0000 + i * 4096, 9 * MiB + i * 4096);
    put(8 * MiB + i * 16, 0xff00_0000 + i * 4096, 0, 0, 0);
  }
  fabric.mmioWrite(NIC + 0x2800, 4, RING);
  fabric.mmioWrite(NIC + 0x2808, 4, 256 * 16);
  fabric.mmioWrite(NIC + 0x2818, 4, 255);
  fabric.mmioWrite(NIC + 0x0100, 4, 2);

  // The stream: two periods in pages from 16 MiB on, list at 15 MiB.
  unit.map(0x200, LIST, 15 * MiB);
  for (let page = 0; page * 4096 < period * 2; page++) {
    unit.map(0x200, 0xff00_0000 + page * 4096, 16 * MiB + page * 4096);
  }
  put(15 * MiB, 0xff00_0000, 0, period, 1, 0xff00_0000 + period, 0, period, 1);
  fabric.mmioWrite(AUDIO + 0x08, 4, 1);
  fabric.mmioWrite(AUDIO + 0x98, 4, LIST);
  fabric.mmioWrite(AUDIO + 0x8c, 2, 1);
  fabric.mmioWrite(AUDIO + 0x88, 4, period * 2);
  fabric.mmioWrite(AUDIO + 0x20, 4, 0x8000_0001);
  fabric.mmioWrite(AUDIO + 0x80, 4, 6);
  return machine;
}

function runTo(machine: TestMachine, ms: number): void {
  machine.fabric.advance(ms * MS);
  machine.clock.now = ms * MS;
}

/** What was told, without the addresses: kind and function, with totals. */
function summary(machine: TestMachine): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [line, count] of machine.observer.totals) {
    const [what, fn] = line.split(' ') as [string, string];
    sums[`${what} ${fn}`] = (sums[`${what} ${fn}`] ?? 0) + count;
  }
  machine.observer.totals.clear();
  return sums;
}

function digest(machine: TestMachine): unknown {
  const hash = new RunningHash();
  for (const page of machine.memory.snapshot().pages) {
    hash.number(page.frame);
    hash.bytes(page.bytes);
  }
  machine.hierarchy.hashInto(hash);
  machine.fabric.hashInto(hash);
  return [hash.digest(), machine.observer.sortedTotals(), machine.unit.faults];
}

suite('devices whose kernel has died', () => {
  test('go on as long as their tables are left alone', () => {
    const machine = running();
    runTo(machine, 20);
    const seen = summary(machine);
    expect(seen['reached 0000:01:00.0']).toBeGreaterThan(20);
    expect(seen['reached 0000:02:00.0']).toBeGreaterThan(20);
    expect(seen['refused 0000:01:00.0']).toBeUndefined();
    expect(machine.memory.lastWriterAt(16 * MiB)).toBe('0000:02:00.0');
  });

  test('are refused once the tables are empty', () => {
    const machine = running({ framesPerSecond: 4000 });
    runTo(machine, 20);
    machine.unit.pages.clear();
    machine.observer.totals.clear();
    runTo(machine, 40);
    const seen = summary(machine);
    expect(seen['refused 0000:01:00.0']).toBeGreaterThan(0);
    expect(seen['refused 0000:02:00.0']).toBeGreaterThan(0);
    expect(seen['reached 0000:01:00.0']).toBeUndefined();
    // Only reads have completions that can be refused: the NIC has used what it held and fetches descriptors.
    expect(machine.fn('01:00.0').config.file.peek16(0x06) & 0x2000).toBe(0x2000);
  });

  test('hit whatever has the number of their I/O address once translation is off', () => {
    const machine = running();
    runTo(machine, 20);
    summary(machine);
    machine.unit.enabled = false;
    runTo(machine, 40);
    const seen = summary(machine);
    expect(seen['unroutable 0000:01:00.0']).toBeGreaterThan(0);
    expect(seen['unroutable 0000:02:00.0']).toBeGreaterThan(0);
  });

  test('are silent below a port in secondary bus reset, and after it', () => {
    const machine = running();
    runTo(machine, 20);
    summary(machine);
    const { hierarchy } = machine;
    hierarchy.configWrite(0, 0, 1, 0, 0x3e, 2, 0x0040);
    runTo(machine, 22);
    hierarchy.configWrite(0, 0, 1, 0, 0x3e, 2, 0);
    runTo(machine, 500);
    const seen = summary(machine);
    expect(Object.keys(seen).filter((line) => line.includes('01:00.0'))).toEqual([]);
    expect(seen['reached 0000:02:00.0']).toBeGreaterThan(100);
    expect(hierarchy.configRead(0, 1, 0, 0, 0x04, 2)).toBe(0);
  });

  test('are silent without Bus Master Enable, and resume stale work with it', () => {
    const machine = running();
    runTo(machine, 20);
    machine.hierarchy.configWrite(0, 2, 0, 0, 0x04, 2, 0x0002);
    summary(machine);
    runTo(machine, 40);
    expect(summary(machine)['reached 0000:02:00.0']).toBeUndefined();
    machine.unit.pages.clear();
    machine.hierarchy.configWrite(0, 2, 0, 0, 0x04, 2, 0x0006);
    runTo(machine, 60);
    expect(summary(machine)['refused 0000:02:00.0']).toBeGreaterThan(0);
  });

  test('make a port that was closed above them report each of their writes', () => {
    const machine = running();
    runTo(machine, 20);
    summary(machine);
    machine.hierarchy.configWrite(0, 0, 2, 0, 0x04, 2, 0x0102);
    runTo(machine, 21);
    const seen = summary(machine);
    expect(seen['stopped 0000:02:00.0']).toBeGreaterThan(0);
    expect(seen['message 0000:00:02.0']).toBe(seen['stopped 0000:02:00.0']);
  });

  test('that stop with a fatal error say so once', () => {
    const machine = running({ traits: { onRefusal: 'fatal-error' }, framesPerSecond: 4000 });
    machine.hierarchy.configWrite(0, 1, 0, 0, at.express + 8, 2, 0x000f);
    machine.hierarchy.configWrite(0, 0, 1, 0, 0x3e, 2, 2);
    runTo(machine, 20);
    machine.unit.pages.clear();
    summary(machine);
    runTo(machine, 60);
    expect(summary(machine)['message 0000:00:01.0']).toBe(1);
    runTo(machine, 80);
    const after = summary(machine);
    expect(after['message 0000:00:01.0']).toBeUndefined();
    expect(after['refused 0000:01:00.0']).toBeUndefined();
  });
});

test('real engines end the same in steady steps as event by event', () => {
  fc.assert(
    fc.property(
      fc.record({
        framesPerSecond: fc.integer({ min: 100, max: 5000 }),
        period: fc.constantFrom(4096, 8192, 9216, 16384),
        burstBytes: fc.constantFrom(64, 128, 256),
        change: fc.constantFrom('none', 'empty tables', 'translation off', 'port closed', 'no bus master'),
        faultLog: fc.integer({ min: 0, max: 8 }),
        when: fc.integer({ min: 1, max: 30 }),
      }),
      ({ change, when, faultLog, ...plan }) => {
        const ends = (['steady-steps', 'event-by-event'] as const).map((mode) => {
          const machine = running({ ...plan, mode });
          machine.unit.faultLog = faultLog;
          runTo(machine, when);
          if (change === 'empty tables') machine.unit.pages.clear();
          if (change === 'translation off') machine.unit.enabled = false;
          if (change === 'port closed') machine.hierarchy.configWrite(0, 0, 2, 0, 0x04, 2, 0x0102);
          if (change === 'no bus master') machine.hierarchy.configWrite(0, 2, 0, 0, 0x04, 2, 0x0002);
          runTo(machine, 50);
          return digest(machine);
        });
        expect(ends[0]).toEqual(ends[1]);
      },
    ),
    { numRuns: 60 },
  );
});

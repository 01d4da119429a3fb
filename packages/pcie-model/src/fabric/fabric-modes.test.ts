import { RunningHash } from '@quiesce/simulation';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FabricMode } from './pcie-fabric.ts';
import { BurstEngine } from './testing/burst-engine.ts';
import { describe, portType } from './testing/config-bytes.ts';
import { MiB, type TestMachine, testMachine } from './testing/test-machine.ts';

interface EngineCase {
  readonly start: number;
  readonly period: number;
  readonly burstLog2: number;
  readonly pages: number;
  readonly write: boolean;
  readonly readsDescriptor: boolean;
  readonly interrupts: boolean;
  readonly command: number;
  /** Bit per page: mapped by the unit. */
  readonly mapped: number;
  /** In MiB; above 96 nothing is there. */
  readonly target: number;
}

interface Case {
  readonly engines: readonly EngineCase[];
  readonly unitEnabled: boolean;
  readonly withUnit: boolean;
  readonly faultLog: number;
  readonly portCommand: number;
  readonly rootCommand: number;
  readonly stops: readonly number[];
}

const engineCase: fc.Arbitrary<EngineCase> = fc.record({
  start: fc.integer({ min: 0, max: 2000 }),
  period: fc.integer({ min: 1, max: 900 }),
  burstLog2: fc.integer({ min: 5, max: 12 }),
  pages: fc.integer({ min: 1, max: 4 }),
  write: fc.boolean(),
  readsDescriptor: fc.boolean(),
  interrupts: fc.boolean(),
  command: fc.constantFrom(0x0006, 0x0006, 0x0006, 0x0002),
  mapped: fc.integer({ min: 0, max: 15 }),
  target: fc.constantFrom(1, 1, 1, 2800),
});

const anyCase: fc.Arbitrary<Case> = fc.record({
  engines: fc.array(engineCase, { minLength: 1, maxLength: 4 }),
  unitEnabled: fc.boolean(),
  withUnit: fc.boolean(),
  faultLog: fc.integer({ min: 0, max: 6 }),
  portCommand: fc.constantFrom(0x0106, 0x0106, 0x0102),
  rootCommand: fc.constantFrom(0, 7),
  stops: fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 4 }),
});

/** Engine `index` is 01:00.`index`, and has 4 MiB of I/O addresses and of memory to itself. */
function run(what: Case, mode: FabricMode): { machine: TestMachine; engines: BurstEngine[] } {
  const machine = testMachine(
    [
      describe({
        bus: 0,
        device: 1,
        type: portType.rootPort,
        secondary: 1,
        command: what.portCommand,
        deviceControl: 0x000f,
        rootCommand: what.rootCommand,
        rootControl: 7,
      }),
      ...what.engines.map(({ command }, fn) =>
        describe({ bus: 1, fn, type: portType.endpoint, command, pin: fn + 1 }),
      ),
    ],
    {
      mode,
      withUnit: what.withUnit,
      platform: { remappingFault: 'aer-interrupt', masterAbortIsSystemError: true },
    },
  );
  machine.unit.enabled = what.unitEnabled;
  machine.unit.faultLog = what.faultLog;
  const engines = what.engines.map((one, index) => {
    const base = (index * 4 + one.target) * MiB;
    for (let page = 0; page < one.pages; page++) {
      if ((one.mapped & (1 << page)) === 0) continue;
      // Two regions of memory meet inside of one of the frames.
      machine.unit.map(0x100 + index, base + page * 4096, (32 + index * 4) * MiB + page * 4096);
    }
    const engine = new BurstEngine({ ...one, burst: 2 ** one.burstLog2, base });
    machine.fabric.attachEngine(machine.fn(`01:00.${index}`), engine);
    return engine;
  });
  machine.memory.map.assign({ start: 32 * MiB + 0x1080, end: 32 * MiB + 0x1900, owner: 'dump-relevant' });
  for (const until of [...what.stops].sort((a, b) => a - b)) machine.fabric.advance(until);
  machine.fabric.advance(20_000);
  return { machine, engines };
}

function digest({ machine, engines }: ReturnType<typeof run>): unknown {
  const memory = new RunningHash();
  for (const page of machine.memory.snapshot().pages) {
    memory.number(page.frame);
    memory.bytes(page.bytes);
    memory.words(new Uint32Array(page.lastWriter));
  }
  return {
    totals: machine.observer.sortedTotals(),
    memory: memory.digest(),
    ledger: machine.memory.ledger
      .entries()
      .map(({ writer, owner, bytes }) => `${writer} ${owner} ${bytes}`)
      .sort(),
    config: machine.hierarchy.functions.map((fn) => {
      const hash = new RunningHash();
      fn.config.hashInto(hash);
      return hash.digest();
    }),
    engines: engines.map((engine) => engine.snapshot()),
    faults: machine.unit.faults,
    cache: [...machine.unit.cache].sort(),
  };
}

test('steady steps end as event by event does', () => {
  fc.assert(
    fc.property(anyCase, (what) => {
      expect(digest(run(what, 'steady-steps'))).toEqual(digest(run(what, 'event-by-event')));
    }),
    { numRuns: 300 },
  );
});

test('steady steps are few', () => {
  const what: Case = {
    engines: [
      {
        start: 0,
        period: 10,
        burstLog2: 6,
        pages: 4,
        write: true,
        readsDescriptor: false,
        interrupts: false,
        command: 6,
        mapped: 15,
        target: 1,
      },
    ],
    unitEnabled: true,
    withUnit: true,
    faultLog: 1,
    portCommand: 0x0106,
    rootCommand: 0,
    stops: [],
  };
  const many = run(what, 'event-by-event').machine.observer.lines.length;
  const few = run(what, 'steady-steps').machine.observer.lines.length;
  expect(many).toBe(2001);
  // Two steps for each of 32 pages; six where two owners share the frame.
  expect(few).toBeLessThan(110);
});

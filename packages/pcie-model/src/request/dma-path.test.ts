import { RunningHash } from '@quiesce/simulation';
import fc from 'fast-check';
import { expect, describe as suite, test } from 'vitest';
import type { EndpointPort } from '../endpoint/endpoint-engine.ts';
import { BurstEngine } from '../fabric/testing/burst-engine.ts';
import { describe, type FunctionOptions, portType } from '../fabric/testing/config-bytes.ts';
import { MiB, type TestMachine, testMachine } from '../fabric/testing/test-machine.ts';
import { Completion } from './completion.ts';

/** An engine that hands its port out, survives every reset and does nothing by itself. */
class Probe extends BurstEngine {
  #script: (port: EndpointPort) => void = () => {};

  constructor() {
    super({ start: 0, period: 1, burst: 4, base: 0, pages: 1, write: true });
    this.state.on = false;
  }

  run(machine: TestMachine, script: (port: EndpointPort) => void): void {
    this.#script = script;
    this.state.on = true;
    machine.fabric.advance(0);
  }

  override step(port: EndpointPort): void {
    this.state.on = false;
    this.#script(port);
  }

  override reset(): void {}
}

function probed(nic: Partial<FunctionOptions> = {}, port: Partial<FunctionOptions> = {}) {
  const machine = testMachine(
    [
      describe({ bus: 0, device: 1, type: portType.rootPort, secondary: 1, ...port }),
      describe({ bus: 1, type: portType.endpoint, ...nic }),
    ],
    { withUnit: true },
  );
  const probe = new Probe();
  machine.fabric.attachEngine(machine.fn('01:00.0'), probe);
  return { machine, probe };
}

suite('a dword', () => {
  test('is read from and written to where the unit says', () => {
    const { machine, probe } = probed();
    machine.unit.map(0x100, 0x5000, 8 * MiB);
    machine.memory.write32(8 * MiB + 8, 0xdead_beef, machine.memory.writer('kernel'));
    probe.run(machine, (port) => {
      expect(port.readDword(0x5008)).toBe(Completion.success);
      expect(port.dword).toBe(0xdead_beef);
      expect(port.owner).toBe('first-kernel');
      expect(port.validFor).toBe(4096 - 8);
      expect(port.writeDword(0x500c, 0xffff_fffe)).toBe(Completion.success);
    });
    expect(machine.memory.read32(8 * MiB + 12)).toBe(0xffff_fffe);
  });

  test('that is refused reads as all ones, and says so; a write does not', () => {
    const { machine, probe } = probed();
    probe.run(machine, (port) => {
      expect(port.readDword(0x5000)).toBe(Completion.unsupportedRequest);
      expect(port.dword).toBe(0xffff_ffff);
      expect(port.writeDword(0x5000, 1)).toBe(Completion.success);
    });
  });

  test('above 4 GiB has the long header', () => {
    const { machine, probe } = probed({}, { command: 0x0002, deviceControl: 0x000f });
    probe.run(machine, (port) => void port.writeDword(0x12_3456_7890, 1));
    const { file } = machine.fn('00:01.0').config;
    expect([0x11c, 0x120, 0x124, 0x128].map((offset) => file.peek32(offset))).toEqual([
      0x6000_0001, 0x0100_000f, 0x12, 0x3456_7890,
    ]);
  });
});

suite('nothing is sent', () => {
  test('without Bus Master Enable', () => {
    const { machine, probe } = probed({ command: 0x0002 });
    probe.run(machine, (port) => expect(port.writeDword(0x5000, 1)).toBe(Completion.notMaster));
  });

  test('while the port above is in reset, whatever the device thinks', () => {
    const { machine, probe } = probed({ traits: { honoursBusMaster: false } });
    machine.unit.enabled = false;
    probe.run(machine, (port) => void port.writeDword(8 * MiB, 1));
    machine.hierarchy.configWrite(0, 0, 1, 0, 0x3e, 2, 0x40);
    probe.run(machine, (port) => expect(port.writeDword(8 * MiB, 2)).toBe(Completion.notMaster));
    expect(machine.observer.take()).toEqual([
      'reached 0000:01:00.0 100 800... 800... first-kernel 4 true true',
      // Its bus number is gone, too.
      'stopped 0000:01:00.0 0 800... true not-operational',
    ]);
    expect(machine.memory.read32(8 * MiB)).toBe(1);
  });
});

function memoryDigest(machine: TestMachine): string {
  const hash = new RunningHash();
  for (const page of machine.memory.snapshot().pages) {
    hash.number(page.frame);
    hash.bytes(page.bytes);
  }
  return hash.digest();
}

function registerDigest(machine: TestMachine): string {
  const hash = new RunningHash();
  machine.hierarchy.hashInto(hash);
  return hash.digest();
}

test('several requests in one call end as that many calls', () => {
  fc.assert(
    fc.property(
      fc.record({
        lengthLog2: fc.integer({ min: 2, max: 9 }),
        repeat: fc.integer({ min: 1, max: 40 }),
        first: fc.integer({ min: 0, max: 40 }),
        write: fc.boolean(),
        kind: fc.constantFrom('memory', 'edge', 'hole', 'edge of hole', 'unmapped', 'window'),
        portCommand: fc.constantFrom(0x0106, 0x0106, 0x0102),
        faultLog: fc.integer({ min: 0, max: 3 }),
        enabled: fc.boolean(),
      }),
      ({ lengthLog2, repeat, first, write, kind, portCommand, faultLog, enabled }) => {
        const length = 2 ** lengthLog2;
        const count = Math.min(repeat, Math.floor(4096 / length) - (first % (4096 / length)));
        const ends = [true, false].map((together) => {
          const { machine, probe } = probed({}, { command: portCommand, deviceControl: 15, rootCommand: 7 });
          const page =
            kind === 'window'
              ? 0xfee0_1000
              : kind === 'hole'
                ? 0x9000_0000
                : kind === 'edge of hole'
                  ? 96 * MiB - 4096
                  : 8 * MiB;
          machine.unit.enabled = enabled;
          machine.unit.faultLog = faultLog;
          if (kind !== 'unmapped') machine.unit.map(0x100, page, page);
          const place = (start: number, owner: 'crash-kernel' | 'firmware') =>
            machine.memory.map.assign({ start, end: start + 1000, owner });
          if (kind === 'edge') place(8 * MiB + 1500, 'crash-kernel');
          if (kind === 'edge of hole') {
            machine.memory.map = new (
              machine.memory.map.constructor as new (
                regions: readonly object[],
              ) => typeof machine.memory.map
            )([
              { start: 0, end: 96 * MiB - 2600, owner: 'first-kernel' },
              { start: 96 * MiB - 1000, end: 96 * MiB, owner: 'firmware' },
            ]);
          }
          const from = page + (first % (4096 / length)) * length;
          probe.run(machine, (port) => {
            const go = (address: number, times: number): number =>
              write ? port.writeData(address, length, times) : port.readData(address, length, times);
            if (together) go(from, count);
            else for (let i = 0; i < count; i++) go(from + i * length, 1);
          });
          return {
            totals: machine.observer.sortedTotals(),
            memory: memoryDigest(machine),
            ledger: machine.memory.ledger.entries().map((one) => `${one.owner} ${one.bytes}`),
            faults: machine.unit.faults,
            registers: registerDigest(machine),
          };
        });
        expect(ends[0]).toEqual(ends[1]);
      },
    ),
    { numRuns: 200 },
  );
});

test('a conventional bridge that is closed claims nothing, and reports nothing', () => {
  const machine = testMachine([
    describe({
      bus: 0,
      device: 1,
      type: portType.rootPort,
      secondary: 1,
      subordinate: 2,
      command: 0x0106,
      deviceControl: 0x000f,
      bridgeControl: 2,
    }),
    describe({
      bus: 1,
      type: portType.pcieToPciBridge,
      secondary: 2,
      command: 0x0102,
      deviceControl: 0x000f,
    }),
    describe({ bus: 2, device: 5, command: 0x0106 }),
  ]);
  const probe = new Probe();
  machine.fabric.attachEngine(machine.fn('02:05.0'), probe);
  probe.run(machine, (port) => {
    expect(port.writeDword(8 * MiB, 1)).toBe(Completion.unsupportedRequest);
  });
  expect(machine.observer.take()).toEqual([
    'stopped 0000:02:05.0 0000:01:00.0 200 800... true bridge-closed',
  ]);
  // Received Master Abort at the sender
  expect(machine.fn('02:05.0').config.file.peek16(0x06)).toBe(0x2000);
  expect(machine.fn('01:00.0').config.file.peek16(0x06)).toBe(0x0010);
});

suite('a read that the root complex spoils', () => {
  const reporting = { command: 0x0146, deviceControl: 0x000f };
  const bridge = { ...reporting, bridgeControl: 2 };

  test.each([
    ['unsupported-request', Completion.unsupportedRequest, 0x2000, []],
    ['completer-abort', Completion.completerAbort, 0x1000, []],
    ['timeout', Completion.timeout, 0x4000, ['message 0000:00:01.0 100 nonfatal false']],
    // Signaled System Error, Detected Parity Error, Master Data Parity Error
    ['poisoned', Completion.poisoned, 0xc100, ['message 0000:00:01.0 100 nonfatal false']],
  ] as const)('ends as %s once', (how, status, noted, messages) => {
    const { machine, probe } = probed(reporting, bridge);
    machine.unit.enabled = false;
    machine.fabric.readFaults.plan(machine.fn('01:00.0'), how, 1);
    probe.run(machine, (port) => {
      expect(port.writeDword(8 * MiB, 7)).toBe(Completion.success);
      expect(port.readDword(8 * MiB)).toBe(status);
      expect(port.steady).toBe(false);
      expect(port.readDword(8 * MiB)).toBe(Completion.success);
      expect([port.dword, port.steady]).toEqual([7, true]);
    });
    expect(machine.fn('01:00.0').config.file.peek16(0x06) & 0xff00).toBe(noted);
    expect(machine.observer.take().filter((line) => line.startsWith('message'))).toEqual(messages);
  });

  test('stays planned over a snapshot', () => {
    const { machine, probe } = probed();
    machine.unit.enabled = false;
    machine.fabric.readFaults.plan(machine.fn('01:00.0'), 'timeout', 2);
    const state = structuredClone(machine.fabric.snapshot());
    const failing = (): number[] => {
      const seen: number[] = [];
      probe.run(machine, (port) => {
        for (let i = 0; i < 3; i++) seen.push(port.readData(8 * MiB, 64, 1));
      });
      return seen;
    };
    expect(failing()).toEqual([8, 8, 0]);
    machine.fabric.restore(state);
    expect(failing()).toEqual([8, 8, 0]);
  });
});

test('a refusal is steady once the registers on the way have noted all they can', () => {
  const { machine, probe } = probed({}, { command: 0x0002, deviceControl: 0x000f, bridgeControl: 2 });
  const steady: boolean[] = [];
  probe.run(machine, (port) => {
    for (let i = 0; i < 4; i++) {
      port.writeData(0x5000, 64, 1);
      steady.push(port.steady);
    }
  });
  // The first sets the header log, the second the Multiple bit of the root port.
  expect(steady).toEqual([false, false, true, true]);
});

test('what a port says is steady stays as it is for all of validFor', () => {
  const { machine, probe } = probed();
  machine.unit.map(0x100, 0x5000, 8 * MiB);
  machine.memory.map.assign({ start: 8 * MiB + 1024, end: 8 * MiB + 2048, owner: 'crash-kernel' });
  probe.run(machine, (port) => {
    port.writeData(0x5000, 64, 1);
    expect(port.steady).toBe(false);
    port.writeData(0x5000, 64, 1);
    expect([port.steady, port.validFor]).toEqual([true, 1024]);
    port.writeData(0x5000, 64, 4);
    expect([port.steady, port.validFor]).toEqual([true, 1024 - 3 * 64]);
    port.writeData(0x5400, 64, 1);
    expect([port.owner, port.validFor]).toEqual(['crash-kernel', 1024]);
    port.writeData(0x5800, 64, 1);
    expect([port.owner, port.validFor]).toEqual(['first-kernel', 2048]);
  });
});

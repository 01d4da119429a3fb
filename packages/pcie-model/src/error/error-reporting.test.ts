import { expect, describe as suite, test } from 'vitest';
import { BurstEngine } from '../fabric/testing/burst-engine.ts';
import { at, describe, type FunctionOptions, portType } from '../fabric/testing/config-bytes.ts';
import { MiB, type TestMachine, testMachine } from '../fabric/testing/test-machine.ts';
import { CorrectableError, UncorrectableError } from './uncorrectable-error.ts';

const SERR = 0x0100;
const BUS_MASTER = 0x0004;
const DEVICE_STATUS = at.express + 0x0a;
const AER_STATUS = at.aer + 0x04;

interface Path {
  readonly root?: Partial<FunctionOptions>;
  readonly up?: Partial<FunctionOptions>;
  readonly down?: Partial<FunctionOptions>;
  readonly device?: Partial<FunctionOptions>;
}

/** Everything on the way reports and forwards everything. */
const all = { command: 0x0146, deviceControl: 0x000f } as const;

/** 00:01.0 root port, 01:00.0 and 02:03.0 the ports of a switch, 03:00.0 the device. */
function switched(path: Path = {}, platform: object = {}): TestMachine {
  const bridge = { ...all, bridgeControl: 0x0002 };
  return testMachine(
    [
      describe({
        bus: 0,
        device: 1,
        type: portType.rootPort,
        secondary: 1,
        subordinate: 3,
        rootControl: 0x0007,
        rootCommand: 0x0007,
        ...bridge,
        ...path.root,
      }),
      describe({ bus: 1, type: portType.upstreamPort, secondary: 2, subordinate: 3, ...bridge, ...path.up }),
      describe({ bus: 2, device: 3, type: portType.downstreamPort, secondary: 3, ...bridge, ...path.down }),
      describe({ bus: 3, type: portType.endpoint, ...all, ...path.device }),
    ],
    { platform },
  );
}

function stream(machine: TestMachine, write: boolean, until = 10): void {
  const plan = { start: 10, period: 1000, burst: 256, base: 8 * MiB, pages: 1, write };
  machine.fabric.attachEngine(machine.fn('03:00.0'), new BurstEngine(plan));
  machine.fabric.advance(until);
}

suite('a fatal error of a device', () => {
  test('climbs to the root port, which records, interrupts and raises a system error', () => {
    const machine = switched();
    machine.fabric.errors.internalError(machine.fn('03:00.0'));
    expect(machine.observer.take()).toEqual([
      'message 0000:00:01.0 300 fatal true',
      'interrupt held back 0000:00:01.0 0 disabled',
      'system error serr-nmi error-message 0000:03:00.0 2',
    ]);
    const root = machine.fn('00:01.0').config.file;
    // ERR_FATAL/NONFATAL Received, First Uncorrectable Fatal, Fatal Messages Received
    expect(root.peek32(at.aer + 0x30)).toBe(0x54);
    expect(root.peek32(at.aer + 0x34)).toBe(0x0300_0000);
    // Received System Error on the secondary side of each bridge
    for (const place of ['00:01.0', '01:00.0', '02:03.0']) {
      expect(machine.fn(place).config.file.peek16(0x1e) & 0x4000).toBe(0x4000);
    }
    const device = machine.fn('03:00.0').config.file;
    expect(device.peek16(DEVICE_STATUS)).toBe(0x0004);
    expect(device.peek32(AER_STATUS)).toBe(1 << 22);
    // Signaled System Error, because SERR# is enabled
    expect(device.peek16(0x06)).toBe(0x4010);
  });

  test.each([
    ['the device reports nothing', { device: { command: 0x0006, deviceControl: 0 } }],
    ['Bridge Control.SERR# of the downstream port is clear', { down: { bridgeControl: 0 } }],
    ['Bridge Control.SERR# of the root port is clear', { root: { bridgeControl: 0 } }],
    ['the upstream port enables nothing', { up: { command: 0x0006, deviceControl: 0 } }],
  ])('goes no further where %s', (_what, path) => {
    const machine = switched(path);
    machine.fabric.errors.internalError(machine.fn('03:00.0'));
    expect(machine.observer.take()).toEqual([]);
    expect(machine.fn('00:01.0').config.file.peek32(at.aer + 0x30)).toBe(0);
  });

  test.each([
    ['by Device Control', { command: 0x0006, deviceControl: 0x0004 }],
    ['by Command.SERR#', { command: 0x0106, deviceControl: 0 }],
  ])('is reported %s alone', (_how, device) => {
    const machine = switched({ device, down: device, up: device, root: device });
    machine.fabric.errors.internalError(machine.fn('03:00.0'));
    expect(machine.observer.take()).toHaveLength(3);
  });

  test('is noted and no more if it is masked', () => {
    const machine = switched();
    machine.fn('03:00.0').config.file.poke32(at.aer + 0x08, 1 << 22);
    machine.fabric.errors.internalError(machine.fn('03:00.0'));
    expect(machine.observer.take()).toEqual([]);
    expect(machine.fn('03:00.0').config.file.peek32(AER_STATUS)).toBe(1 << 22);
  });

  test('is no system error unless Root Control says so, and no interrupt unless Root Error Command does', () => {
    const quiet = switched({ root: { rootControl: 0x0003, rootCommand: 0x0003 } });
    quiet.fabric.errors.internalError(quiet.fn('03:00.0'));
    expect(quiet.observer.take()).toEqual(['message 0000:00:01.0 300 fatal false']);
  });

  test.each(['none', 'aer-interrupt', 'smi-hang'] as const)(
    'past Root Control makes the platform: %s',
    (systemError) => {
      const machine = switched({ root: { rootCommand: 0 } }, { systemError });
      machine.fabric.errors.internalError(machine.fn('03:00.0'));
      const lines = machine.observer.take();
      expect(lines[0]).toBe('message 0000:00:01.0 300 fatal false');
      expect(lines[1]).toBe(
        systemError === 'none' ? undefined : `system error ${systemError} error-message 0000:03:00.0 2`,
      );
    },
  );
});

suite('a bridge without Bus Master Enable', () => {
  const closed = { root: { command: all.command & ~BUS_MASTER } };

  test('drops posted writes as an uncorrectable error of its own', () => {
    const machine = switched(closed);
    stream(machine, true);
    expect(machine.observer.take()).toEqual([
      'stopped 0000:03:00.0 0000:00:01.0 300 800... true bridge-closed',
      'message 0000:00:01.0 8 nonfatal true',
      'interrupt held back 0000:00:01.0 0 disabled',
      'system error serr-nmi error-message 0000:00:01.0 1',
    ]);
    const root = machine.fn('00:01.0').config.file;
    // Nonfatal Error Detected, Unsupported Request Detected
    expect(root.peek16(DEVICE_STATUS)).toBe(0x000a);
    expect(root.peek32(AER_STATUS)).toBe(1 << 20);
    // First Error Pointer and the header of the write: 64 dwords from 03:00.0 to 800000
    expect(root.peek32(at.aer + 0x18) & 0x1f).toBe(20);
    expect(root.peek32(at.aer + 0x1c)).toBe(0x4000_0040);
    expect(root.peek32(at.aer + 0x20)).toBe(0x0300_00ff);
    expect(root.peek32(at.aer + 0x24)).toBe(0x0080_0000);
    // The sender of a posted write learns nothing.
    expect(machine.fn('03:00.0').config.file.peek16(0x06)).toBe(0x0010);
  });

  test('answers reads, which is an advisory error that AER masks by default', () => {
    const machine = switched(closed);
    stream(machine, false);
    expect(machine.observer.take()).toEqual([
      'stopped 0000:03:00.0 0000:00:01.0 300 800... false bridge-closed',
    ]);
    const root = machine.fn('00:01.0').config.file;
    expect(root.peek16(DEVICE_STATUS)).toBe(0x0009);
    expect(root.peek32(at.aer + 0x10)).toBe(1 << 13);
    expect(root.peek32(AER_STATUS)).toBe(0);
    expect(machine.fn('03:00.0').config.file.peek16(0x06)).toBe(0x2010);
  });

  test('sends ERR_COR for a read if that is not masked', () => {
    const machine = switched(closed);
    machine.fn('00:01.0').config.file.poke32(at.aer + 0x14, 0);
    stream(machine, false);
    expect(machine.observer.take()).toEqual([
      'stopped 0000:03:00.0 0000:00:01.0 300 800... false bridge-closed',
      'message 0000:00:01.0 8 correctable true',
      'interrupt held back 0000:00:01.0 0 disabled',
      'system error serr-nmi error-message 0000:00:01.0 0',
    ]);
    expect(machine.fn('00:01.0').config.file.peek32(AER_STATUS)).toBe(1 << 20);
  });

  test('makes it fatal if AER says so', () => {
    const machine = switched(closed);
    machine.fn('00:01.0').config.file.poke32(at.aer + 0x0c, 1 << 20);
    stream(machine, false);
    expect(machine.observer.take()[1]).toBe('message 0000:00:01.0 8 fatal true');
  });

  test('reports nothing without Unsupported Request Reporting and SERR#', () => {
    const machine = switched({ root: { command: 0x0002, deviceControl: 0x0007 } });
    stream(machine, true);
    expect(machine.observer.take()).toHaveLength(1);
    expect(machine.fn('00:01.0').config.file.peek16(DEVICE_STATUS)).toBe(0x000a);
  });

  test('reports each write, while the root port notes that there were several', () => {
    const machine = switched(closed);
    stream(machine, true, 5010);
    expect(machine.observer.sortedTotals()).toEqual([
      '1 × interrupt held back 0000:00:01.0 0 disabled',
      '1 × message 0000:00:01.0 8 nonfatal true',
      '5 × message 0000:00:01.0 8 nonfatal false',
      '6 × stopped 0000:03:00.0 0000:00:01.0 300 800... true bridge-closed',
      '6 × system error serr-nmi error-message 0000:00:01.0 1',
    ]);
    // Multiple ERR_FATAL/NONFATAL Received as well
    expect(machine.fn('00:01.0').config.file.peek32(at.aer + 0x30)).toBe(0x2c);
  });

  test('is the first one met, below the root port as well', () => {
    const machine = switched({ down: { command: 0x0002, deviceControl: 0x000f } });
    stream(machine, true);
    expect(machine.observer.take().slice(0, 2)).toEqual([
      'stopped 0000:03:00.0 0000:02:03.0 300 800... true bridge-closed',
      'message 0000:00:01.0 218 nonfatal true',
    ]);
  });
});

suite('the first error', () => {
  test('keeps the header log until software clears its status', () => {
    const machine = switched();
    const device = machine.fn('03:00.0');
    const { errors } = machine.fabric;
    const header = (first: number): Uint32Array => new Uint32Array([first, 2, 3, 4]);
    errors.uncorrectable(device, UncorrectableError.poisonedTlp, header(1), false, 1);
    errors.uncorrectable(device, UncorrectableError.malformedTlp, header(9), false, 1);
    errors.uncorrectable(device, UncorrectableError.poisonedTlp, header(9), false, 1);
    const { file } = device.config;
    expect([file.peek32(at.aer + 0x18) & 0x1f, file.peek32(at.aer + 0x1c)]).toEqual([12, 1]);
    file.write(AER_STATUS, 4, 0xffff_ffff);
    expect(file.peek32(AER_STATUS)).toBe(0);
    errors.uncorrectable(device, UncorrectableError.malformedTlp, header(7), false, 1);
    expect([file.peek32(at.aer + 0x18) & 0x1f, file.peek32(at.aer + 0x1c)]).toEqual([18, 7]);
  });
});

test('INTx of a root port stays asserted until software clears Root Error Status', () => {
  const machine = switched({ root: { pin: 1, rootControl: 0 } });
  const { hierarchy, observer } = machine;
  machine.fabric.errors.internalError(machine.fn('03:00.0'));
  expect(observer.take()).toEqual(['message 0000:00:01.0 300 fatal true', 'intx 0000:00:01.0 1']);
  hierarchy.configWrite(0, 0, 1, 0, at.aer + 0x30, 4, 0x10);
  expect(observer.take()).toEqual([]);
  hierarchy.configWrite(0, 0, 1, 0, at.aer + 0x30, 4, 0x44);
  expect(observer.take()).toEqual(['intx end 0000:00:01.0 1']);
  machine.fabric.errors.internalError(machine.fn('03:00.0'));
  expect(observer.take()).toContain('intx 0000:00:01.0 1');
  hierarchy.configWrite(0, 0, 1, 0, at.aer + 0x2c, 4, 0);
  expect(observer.take()).toEqual(['intx end 0000:00:01.0 1']);
});

test('several errors at once set the Multiple bits, as one after the other would', () => {
  const together = switched();
  const single = switched();
  const report = (machine: TestMachine, repeat: number): void =>
    machine.fabric.errors.correctable(machine.fn('03:00.0'), CorrectableError.badTlp, repeat);
  report(together, 3);
  for (let i = 0; i < 3; i++) report(single, 1);
  // ERR_COR Received, Multiple ERR_COR Received
  expect(together.fn('00:01.0').config.file.peek32(at.aer + 0x30)).toBe(3);
  expect(together.hierarchy.functions.map((fn) => fn.config.snapshot())).toEqual(
    single.hierarchy.functions.map((fn) => fn.config.snapshot()),
  );
});

test('a correctable error needs Device Control, SERR# is not enough', () => {
  const machine = switched({ device: { command: 0x0146, deviceControl: 0x000e } });
  machine.fabric.errors.correctable(machine.fn('03:00.0'), CorrectableError.badTlp, 1);
  expect(machine.observer.take()).toEqual([]);
  expect(machine.fn('03:00.0').config.file.peek16(DEVICE_STATUS)).toBe(1);
});

suite('on a root bus', () => {
  const integrated = { bus: 0, device: 4, type: portType.integratedEndpoint, ...all };

  test('an event collector takes messages of root-complex integrated endpoints', () => {
    const machine = testMachine([
      describe(integrated),
      describe({ bus: 0, device: 7, type: portType.eventCollector, rootControl: 4, rootCommand: 0 }),
    ]);
    machine.fabric.errors.internalError(machine.fn('00:04.0'));
    expect(machine.observer.take()).toEqual([
      'message 0000:00:07.0 20 fatal false',
      'system error serr-nmi error-message 0000:00:04.0 2',
    ]);
  });

  test('SERR# goes to the chipset where there is no collector', () => {
    const machine = testMachine([describe(integrated)]);
    machine.fabric.errors.internalError(machine.fn('00:04.0'));
    expect(machine.observer.take()).toEqual(['system error serr-nmi error-message 0000:00:04.0 2']);
    const silent = testMachine([describe({ ...integrated, command: integrated.command & ~SERR })]);
    silent.fabric.errors.internalError(silent.fn('00:04.0'));
    expect(silent.observer.take()).toEqual([]);
  });

  test('SERR# of a conventional function climbs through the bridges that enable it', () => {
    const build = (bridgeControl: number): TestMachine =>
      testMachine([
        describe({
          bus: 0,
          device: 1,
          type: portType.rootPort,
          secondary: 1,
          subordinate: 2,
          bridgeControl: 2,
          rootControl: 7,
          ...all,
        }),
        describe({ bus: 1, type: portType.pcieToPciBridge, secondary: 2, ...all, bridgeControl }),
        describe({ bus: 2, device: 5, command: 0x0106 }),
      ]);
    const open = build(2);
    open.fabric.errors.internalError(open.fn('02:05.0'));
    expect(open.observer.take()).toEqual([
      'message 0000:00:01.0 100 fatal false',
      'system error serr-nmi error-message 0000:01:00.0 2',
    ]);
    const shut = build(0);
    shut.fabric.errors.internalError(shut.fn('02:05.0'));
    expect(shut.observer.take()).toEqual([]);
  });
});

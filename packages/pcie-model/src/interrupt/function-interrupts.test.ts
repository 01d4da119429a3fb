import { expect, describe as suite, test } from 'vitest';
import { at, describe, type FunctionOptions, portType } from '../fabric/testing/config-bytes.ts';
import { InterruptingEngine } from '../fabric/testing/interrupting-engine.ts';
import { MiB, type TestMachine, testMachine } from '../fabric/testing/test-machine.ts';

const BAR = 0xc000_0000;
const TABLE = BAR + 0x2000;
const PENDING = BAR + 0x3000;

interface Device extends TestMachine {
  readonly engine: InterruptingEngine;
  /** Config write to 01:00.0. */
  write16(offset: number, value: number): void;
  write32(offset: number, value: number): void;
}

function device(
  options: { nic?: Partial<FunctionOptions>; port?: Partial<FunctionOptions>; withUnit?: boolean } = {},
): Device {
  const machine = testMachine(
    [
      describe({
        bus: 0,
        device: 1,
        type: portType.rootPort,
        secondary: 1,
        window: [0xc00, 0xc00],
        ...options.port,
      }),
      describe({ bus: 1, type: portType.endpoint, bar0: BAR, pin: 1, ...options.nic }),
    ],
    options,
  );
  const engine = new InterruptingEngine();
  machine.fabric.attachEngine(machine.fn('01:00.0'), engine);
  return {
    ...machine,
    engine,
    write16: (offset, value) => machine.hierarchy.configWrite(0, 1, 0, 0, offset, 2, value),
    write32: (offset, value) => machine.hierarchy.configWrite(0, 1, 0, 0, offset, 4, value),
  };
}

/** The device interrupts; what the observer was told of it. */
function raise(machine: Device, index = 0): string[] {
  machine.engine.wanted = index;
  machine.fabric.advance(0);
  return machine.observer.take();
}

function enableMsi(machine: Device, data: number, vectorsLog2 = 0): void {
  machine.write32(at.msi + 4, 0xfee0_3000);
  machine.write32(at.msi + 8, 0);
  machine.write16(at.msi + 12, data);
  machine.write16(at.msi + 2, 1 | (vectorsLog2 << 4));
}

function enableMsiX(machine: Device, vector: number, data: number): void {
  const { fabric } = machine;
  fabric.mmioWrite(TABLE + vector * 16, 4, 0xfee0_1000);
  fabric.mmioWrite(TABLE + vector * 16 + 4, 4, 0);
  fabric.mmioWrite(TABLE + vector * 16 + 8, 4, data);
  fabric.mmioWrite(TABLE + vector * 16 + 12, 4, 0);
  machine.write16(at.msiX + 2, 0x8000);
}

suite('an MSI', () => {
  test('is a write to the address that software has programmed', () => {
    const machine = device();
    enableMsi(machine, 0x4041);
    expect(raise(machine)).toEqual(['interrupt 0000:01:00.0 100 41 3 -1']);
  });

  test('carries the vector in as many low bits of its data as software has given', () => {
    const machine = device();
    enableMsi(machine, 0x40, 2);
    expect(raise(machine, 3)).toEqual(['interrupt 0000:01:00.0 100 43 3 -1']);
    expect(raise(machine, 5)).toEqual(['interrupt 0000:01:00.0 100 41 3 -1']);
  });

  test('goes through the table of the unit that covers the function', () => {
    const machine = device({ withUnit: true });
    enableMsi(machine, 0x0007);
    expect(raise(machine)).toEqual(['interrupt blocked 0000:01:00.0 100 fee03000 7 34 7']);
    machine.unit.vectors.set(7, 0x51);
    expect(raise(machine)).toEqual(['interrupt 0000:01:00.0 100 51 1 7']);
  });

  test('needs Bus Master Enable', () => {
    const machine = device();
    enableMsi(machine, 0x41);
    machine.write16(0x04, 0x0002);
    expect(raise(machine)).toEqual(['interrupt held back 0000:01:00.0 0 bus-master-disabled']);
  });

  test('is an Unsupported Request at a port that forwards nothing', () => {
    const machine = device({ port: { command: 0x0002, deviceControl: 0x000f, rootControl: 2 } });
    enableMsi(machine, 0x41);
    expect(raise(machine)).toEqual([
      'interrupt held back 0000:01:00.0 0 bridge-closed',
      'message 0000:00:01.0 8 nonfatal false',
      'system error serr-nmi error-message 0000:00:01.0 1',
    ]);
  });

  test('is a write like any other where its address is not in the interrupt window', () => {
    const machine = device();
    enableMsi(machine, 0x41);
    machine.write32(at.msi + 4, 8 * MiB);
    expect(raise(machine)).toEqual(['reached 0000:01:00.0 100 800... 800... first-kernel 4 true true']);
    expect(machine.memory.read32(8 * MiB)).toBe(0x41);
  });

  test('that is masked stays pending, and is sent when it is unmasked', () => {
    const machine = device();
    enableMsi(machine, 0x41);
    machine.write32(at.msi + 16, 1);
    expect(raise(machine)).toEqual(['interrupt held back 0000:01:00.0 0 masked']);
    expect(machine.hierarchy.configRead(0, 1, 0, 0, at.msi + 20, 4)).toBe(1);
    machine.write32(at.msi + 16, 0);
    expect(machine.observer.take()).toEqual(['interrupt 0000:01:00.0 100 41 3 -1']);
    expect(machine.hierarchy.configRead(0, 1, 0, 0, at.msi + 20, 4)).toBe(0);
  });
});

suite('an MSI-X', () => {
  test('is what the table in the BAR says', () => {
    const machine = device();
    enableMsiX(machine, 2, 0x61);
    expect(raise(machine, 2)).toEqual(['interrupt 0000:01:00.0 100 61 1 -1']);
    expect(machine.fabric.mmioRead(TABLE + 2 * 16 + 8, 4)).toBe(0x61);
    expect(machine.fabric.mmioRead(TABLE + 2 * 16 + 9, 1)).toBe(0);
  });

  test('is masked after a reset, and stays pending', () => {
    const machine = device();
    enableMsiX(machine, 2, 0x61);
    expect(raise(machine, 1)).toEqual(['interrupt held back 0000:01:00.0 1 masked']);
    expect(machine.fabric.mmioRead(PENDING, 4)).toBe(2);
    machine.fabric.mmioWrite(PENDING, 4, 0);
    machine.fabric.mmioWrite(TABLE + 16 + 8, 4, 0x62);
    machine.fabric.mmioWrite(TABLE + 16, 4, 0xfee0_0000);
    machine.fabric.mmioWrite(TABLE + 16 + 12, 4, 0);
    expect(machine.observer.take()).toEqual(['interrupt 0000:01:00.0 100 62 0 -1']);
    expect(machine.fabric.mmioRead(PENDING, 4)).toBe(0);
  });

  test('is masked again after a reset, with nothing pending and nothing programmed', () => {
    const machine = device();
    enableMsiX(machine, 0, 0x61);
    raise(machine, 1);
    machine.hierarchy.configWrite(0, 0, 1, 0, 0x3e, 2, 0x40);
    const table = machine.fabric.snapshot().interrupts[machine.fn('01:00.0').index]?.msiX;
    expect([...(table?.entries ?? [])]).toEqual([0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]);
    expect([...(table?.pending ?? [])]).toEqual([0, 0]);
  });

  test('waits for the function mask', () => {
    const machine = device();
    enableMsiX(machine, 0, 0x61);
    machine.write16(at.msiX + 2, 0xc000);
    expect(raise(machine)).toEqual(['interrupt held back 0000:01:00.0 0 masked']);
    machine.write16(at.msiX + 2, 0x8000);
    expect(machine.observer.take()).toEqual(['interrupt 0000:01:00.0 100 61 1 -1']);
  });

  test('goes before MSI', () => {
    const machine = device();
    enableMsi(machine, 0x41);
    enableMsiX(machine, 0, 0x61);
    expect(raise(machine)).toEqual(['interrupt 0000:01:00.0 100 61 1 -1']);
  });
});

suite('INTx', () => {
  const STATUS = 0x06;

  test('is what remains, and does not ask for Bus Master Enable', () => {
    const machine = device({ nic: { command: 0x0002 }, port: { command: 0x0002 } });
    expect(raise(machine)).toEqual(['intx 0000:01:00.0 1']);
    expect(machine.fn('01:00.0').config.file.peek16(STATUS) & 8).toBe(8);
    // A level: nothing happens again until it is let go.
    expect(raise(machine)).toEqual([]);
    machine.engine.letGo = true;
    machine.fabric.advance(0);
    expect(machine.observer.take()).toEqual(['intx end 0000:01:00.0 1']);
    expect(machine.fn('01:00.0').config.file.peek16(STATUS) & 8).toBe(0);
  });

  test('is gated by Interrupt Disable, while Interrupt Status tells', () => {
    const machine = device();
    machine.write16(0x04, 0x0406);
    expect(raise(machine)).toEqual(['interrupt held back 0000:01:00.0 0 disabled']);
    expect(machine.fn('01:00.0').config.file.peek16(STATUS) & 8).toBe(8);
    machine.write16(0x04, 0x0006);
    expect(machine.observer.take()).toEqual(['intx 0000:01:00.0 1']);
    machine.write16(0x04, 0x0406);
    expect(machine.observer.take()).toEqual(['intx end 0000:01:00.0 1']);
  });

  test('is let go by a reset', () => {
    const machine = device();
    raise(machine);
    machine.hierarchy.configWrite(0, 0, 1, 0, 0x3e, 2, 0x40);
    expect(machine.observer.take()).toEqual(['intx end 0000:01:00.0 1']);
  });

  test('gives way to messages', () => {
    const machine = device();
    raise(machine);
    enableMsi(machine, 0x41);
    expect(machine.observer.take()).toEqual(['intx end 0000:01:00.0 1']);
    machine.write16(at.msi + 2, 0);
    expect(machine.observer.take()).toEqual(['intx 0000:01:00.0 1']);
  });

  test('does not exist on a function without a pin', () => {
    expect(raise(device({ nic: { pin: 0 } }))).toEqual(['interrupt held back 0000:01:00.0 0 disabled']);
  });

  test('comes out at the pin that each bridge above turns it to', () => {
    const machine = testMachine([
      describe({ bus: 0, device: 1, type: portType.rootPort, secondary: 1, subordinate: 3 }),
      describe({ bus: 1, type: portType.upstreamPort, secondary: 2, subordinate: 3 }),
      describe({ bus: 2, device: 3, type: portType.downstreamPort, secondary: 3 }),
      describe({ bus: 3, device: 0, fn: 1, type: portType.endpoint, pin: 2 }),
    ]);
    const engine = new InterruptingEngine();
    machine.fabric.attachEngine(machine.fn('03:00.1'), engine);
    engine.wanted = 0;
    machine.fabric.advance(0);
    // INTB (2), device 0: INTB; downstream port is device 3: INTA; upstream port is device 0: INTA.
    expect(machine.observer.take()).toEqual(['intx 0000:03:00.1 1']);
  });
});

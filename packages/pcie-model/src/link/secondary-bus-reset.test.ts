import { describe, expect, it } from 'vitest';
import { at, type BuiltFunction } from '../topology/testing/built-function.ts';
import { BuiltMachine } from '../topology/testing/built-machine.ts';

const BRIDGE_CONTROL = 0x3e;
const RESET = 0x40;

/** A root port, a switch with two ports, an endpoint with two functions, and a PCI bus behind a bridge. */
const tree: readonly BuiltFunction[] = [
  { at: '00:01.0', type: 4, buses: [1, 5], command: 7 },
  { at: '01:00.0', type: 5, buses: [2, 5], command: 7 },
  { at: '02:00.0', type: 6, buses: [3, 3], command: 7 },
  { at: '02:01.0', type: 6, buses: [4, 5], command: 7 },
  { at: '03:00.0', type: 0, command: 7, traits: { readyAfterResetMs: 250 } },
  { at: '03:00.1', type: 0, command: 7 },
  { at: '04:00.0', type: 7, buses: [5, 5], command: 7 },
  { at: '05:03.0', command: 7 },
  { at: '00:1f.0', type: 9, command: 7 },
];

const everything = ['01:00.0', '02:00.0', '03:00.0', '03:00.1', '02:01.0', '04:00.0', '05:03.0'];

function reset(machine: BuiltMachine, port: string, ms = 2): void {
  machine.change(port, BRIDGE_CONTROL, RESET, true);
  machine.wait(ms);
  machine.change(port, BRIDGE_CONTROL, RESET, false);
}

describe('secondary bus reset', () => {
  it('reaches everything below a root port, through a switch and a PCIe-to-PCI bridge', () => {
    const machine = new BuiltMachine(tree);
    machine.change('00:01.0', BRIDGE_CONTROL, RESET, true);
    expect(machine.events).toEqual(everything.map((name) => `${name} conventional secondary-bus-reset`));
    for (const name of everything) expect(machine.fn(name).config.read(0x04, 2)).toBe(0);
    expect(machine.read('00:1f.0', 0x04, 2)).toBe(7);
  });

  it('gives all ones while it is asserted and for 100 ms after', () => {
    const machine = new BuiltMachine(tree);
    reset(machine, '00:01.0');
    expect(machine.read('01:00.0', 0)).toBe(0xffff_ffff);
    machine.wait(99.999);
    expect(machine.read('01:00.0', 0)).toBe(0xffff_ffff);
    machine.wait(0.001);
    expect(machine.read('01:00.0', 0)).toBe(0x1234_8086);
  });

  it('loses a device that is asked for too early, if it is one that takes it amiss', () => {
    for (const [onEarlyConfiguration, waitMs, answers] of [
      ['dead', 99, false],
      ['dead', 100, true],
      ['ignore', 99, true],
    ] as const) {
      const machine = new BuiltMachine([
        { at: '00:01.0', type: 4, buses: [1, 1], command: 7 },
        { at: '01:00.0', type: 0, command: 7, traits: { onEarlyConfiguration } },
      ]);
      machine.change('00:01.0', BRIDGE_CONTROL, RESET, true);
      // Nothing goes over a link that is down.
      machine.read('01:00.0', 0);
      machine.wait(2);
      machine.change('00:01.0', BRIDGE_CONTROL, RESET, false);
      machine.wait(waitMs);
      machine.read('01:00.0', 0);
      machine.wait(1000);
      expect(machine.visible('01:00.0')).toBe(answers);
    }
  });

  it('hides what is below the switch until its bus numbers are back', () => {
    const machine = new BuiltMachine(tree);
    reset(machine, '00:01.0');
    machine.wait(500);
    expect(machine.visible('02:00.0')).toBe(false);
    machine.write('01:00.0', 0x18, 0x0005_0201);
    expect(machine.visible('02:00.0')).toBe(true);
    expect(machine.visible('03:00.0')).toBe(false);
    machine.write('02:00.0', 0x18, 0x0003_0302);
    expect(machine.visible('03:00.0')).toBe(true);
  });

  it('answers retry status until the device is ready: 0001h where the root port shows it', () => {
    const machine = new BuiltMachine(tree);
    reset(machine, '02:00.0');
    machine.wait(249);
    expect(machine.read('03:00.1', 0)).toBe(0x1234_8086);
    expect(machine.read('03:00.0', 0)).toBe(0xffff_ffff);
    machine.change('00:01.0', at.express + 0x1c, 0x10, true);
    expect(machine.read('03:00.0', 0)).toBe(0xffff_0001);
    expect(machine.read('03:00.0', 0, 2)).toBe(0x0001);
    expect(machine.read('03:00.0', 0, 1)).toBe(0xff);
    expect(machine.read('03:00.0', 4)).toBe(0xffff_ffff);
    machine.write('03:00.0', 4, 7, 2);
    machine.wait(1);
    expect(machine.read('03:00.0', 0)).toBe(0x1234_8086);
    expect(machine.read('03:00.0', 4, 2)).toBe(0);
  });

  it('counts a reset of less than 1 ms, which still resets', () => {
    const machine = new BuiltMachine(tree);
    reset(machine, '02:00.0', 0.5);
    expect(machine.hierarchy.shortResets).toBe(1);
    reset(machine, '02:01.0', 1);
    expect(machine.hierarchy.shortResets).toBe(1);
    expect(machine.fn('03:00.0').config.read(0x04, 2)).toBe(0);
  });

  it('clears what is not sticky and keeps what is', () => {
    const machine = new BuiltMachine(tree);
    const fn = machine.fn('03:00.1');
    machine.write('03:00.1', at.msi + 2, 1, 2);
    machine.write('03:00.1', at.express + 8, 0x000f, 2);
    machine.write('03:00.1', at.aer + 0x08, 0x0010_0000);
    fn.config.file.poke32(at.aer + 0x04, 0x0010_0000);
    fn.config.file.poke32(at.aer + 0x1c, 0x0123_4567);
    fn.config.file.poke16(0x06, 0x2018);
    reset(machine, '02:00.0');
    machine.wait(100);
    expect(machine.read('03:00.1', at.msi + 2, 2)).toBe(0x0180);
    expect(machine.read('03:00.1', at.express + 8, 2)).toBe(0x2810);
    expect(machine.read('03:00.1', at.aer + 0x08)).toBe(0x0010_0000);
    expect(machine.read('03:00.1', at.aer + 0x04)).toBe(0x0010_0000);
    expect(machine.read('03:00.1', at.aer + 0x1c)).toBe(0x0123_4567);
    expect(machine.read('03:00.1', 0x06, 2)).toBe(0x0010);
  });

  it('is over for a bridge below that was itself asserting it', () => {
    const machine = new BuiltMachine(tree);
    machine.change('02:00.0', BRIDGE_CONTROL, RESET, true);
    machine.wait(2);
    reset(machine, '01:00.0');
    machine.wait(100);
    expect(machine.read('02:00.0', BRIDGE_CONTROL, 2)).toBe(0);
    machine.write('02:00.0', 0x18, 0x0003_0302);
    expect(machine.visible('03:00.1')).toBe(true);
  });

  it('takes requester IDs back until configuration writes bring the bus number', () => {
    const machine = new BuiltMachine(tree);
    expect(machine.fn('03:00.1').requesterId).toBe(0x0301);
    reset(machine, '02:00.0');
    expect(machine.fn('03:00.1').requesterId).toBe(0x0001);
    machine.wait(100);
    machine.write('03:00.1', 0x04, 0, 2);
    expect(machine.fn('03:00.1').requesterId).toBe(0x0301);
  });

  it('makes nothing below operational before it is ready', () => {
    const machine = new BuiltMachine(tree);
    const states: boolean[] = [];
    const look = (): number => states.push(machine.hierarchy.isOperational(machine.fn('03:00.0')));
    look();
    machine.change('02:00.0', BRIDGE_CONTROL, RESET, true);
    look();
    machine.wait(2);
    machine.change('02:00.0', BRIDGE_CONTROL, RESET, false);
    machine.wait(249);
    look();
    machine.wait(1);
    look();
    expect(states).toEqual([true, false, false, true]);
  });

  it('kills a device that does not survive it, and the machine with one that hangs', () => {
    const machine = new BuiltMachine([
      { at: '00:01.0', type: 4, buses: [1, 1] },
      { at: '01:00.0', type: 0, traits: { onReset: 'dead' } },
      { at: '01:00.1', type: 0, traits: { onReset: 'hang-machine' } },
    ]);
    reset(machine, '00:01.0');
    machine.wait(10_000);
    expect(machine.read('01:00.0', 0)).toBe(0xffff_ffff);
    expect(machine.hierarchy.machineHung).toEqual({ name: '0000:01:00.1', cause: 'secondary-bus-reset' });
  });

  it('goes on after a restored snapshot as it would have', () => {
    const machine = new BuiltMachine(tree);
    reset(machine, '00:01.0');
    const saved = structuredClone(machine.hierarchy.snapshot());
    const then = machine.now;
    const story = (): number[] => {
      machine.wait(100);
      machine.write('01:00.0', 0x18, 0x0005_0201);
      machine.write('02:00.0', 0x18, 0x0003_0302);
      return [machine.read('03:00.0', 0), machine.read('03:00.1', 0), machine.read('02:01.0', 0x18)];
    };
    const first = story();
    machine.now = then;
    machine.hierarchy.restore(saved);
    expect(machine.visible('02:00.0')).toBe(false);
    expect(story()).toEqual(first);
  });
});

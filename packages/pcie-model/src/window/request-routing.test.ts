import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, type BuiltFunction } from '../topology/testing/built-function.ts';
import { BuiltMachine } from '../topology/testing/built-machine.ts';

const machine = (): BuiltMachine =>
  new BuiltMachine([
    { at: '00:02.0', type: 9, classCode: 0x030000, command: 3, bars: [[0xd000_0000, 0x1000]] },
    { at: '00:01.0', type: 4, buses: [1, 3], command: 3 },
    { at: '01:00.0', type: 5, buses: [2, 3], command: 3 },
    { at: '02:00.0', type: 6, buses: [3, 3], command: 3 },
    {
      at: '03:00.0',
      type: 0,
      command: 3,
      bars: [
        [0xfe10_0000, 0x4000],
        [0x0000_d001, 0x20],
        [0x0000_000c, 0x1000_0000],
        [0x0000_0004, 0],
      ],
    },
  ]);

function openWindows(m: BuiltMachine): void {
  for (const bridge of ['00:01.0', '01:00.0', '02:00.0']) {
    const config = m.fn(bridge).config;
    config.write(0x20, 4, 0xfe10_fe10);
    config.write(0x24, 4, 0x0ff1_0001);
    config.write(0x28, 4, 4);
    config.write(0x2c, 4, 4);
    config.write(0x1c, 2, 0xd1d1);
    config.write(0x30, 4, 0);
  }
}

const target = (m: BuiltMachine, address: number): string | undefined => {
  const found = m.hierarchy.routeMemory(address);
  return found === undefined
    ? undefined
    : `${found.fn.name.slice(5)} ${found.bar} ${found.offset.toString(16)}`;
};

describe('memory requests of the CPU', () => {
  it('pass every window on the way, 64-bit prefetchable ones included', () => {
    const m = machine();
    expect(target(m, 0xfe10_0010)).toBeUndefined();
    openWindows(m);
    expect(target(m, 0xfe10_0010)).toBe('03:00.0 0 10');
    expect(target(m, 0xfe10_4000)).toBeUndefined();
    m.fn('03:00.0').config.write(0x1c, 4, 4);
    expect(target(m, 0x4_0000_0ff0)).toBe('03:00.0 2 ff0');
    expect(target(m, 0xd000_0ffc)).toBe('00:02.0 0 ffc');
  });

  it('need Memory Space Enable at the function and at every bridge', () => {
    for (const name of ['00:01.0', '01:00.0', '02:00.0', '03:00.0']) {
      const m = machine();
      openWindows(m);
      m.fn(name).config.write(0x04, 2, 1);
      expect(target(m, 0xfe10_0010)).toBeUndefined();
    }
  });

  it('do not reach a function in reset or in D3hot', () => {
    const m = machine();
    openWindows(m);
    m.write('03:00.0', at.powerManagement + 4, 3, 2);
    expect(target(m, 0xfe10_0010)).toBeUndefined();
  });

  it('reach the legacy VGA range where VGA Enable leads', () => {
    const m = machine();
    expect(target(m, 0xb_8000)).toBe('00:02.0 6 b8000');
    const vga: BuiltFunction = { at: '01:00.0', type: 0, classCode: 0x030000, command: 3 };
    const below = new BuiltMachine([{ at: '00:01.0', type: 4, buses: [1, 1], command: 3 }, vga]);
    expect(target(below, 0xb_8000)).toBeUndefined();
    below.change('00:01.0', 0x3e, 8, true);
    expect(target(below, 0xb_8000)).toBe('01:00.0 6 b8000');
    expect(below.hierarchy.routeIo(0x3d4)?.fn.name).toBe('0000:01:00.0');
    below.change('00:01.0', 0x3e, 8, false);
    expect(below.hierarchy.routeIo(0x3d4)).toBeUndefined();
  });

  it('agree with a naive search over programmed windows', () => {
    const megabyte = fc.integer({ min: 0xfe0, max: 0xfe4 });
    const window = fc.tuple(megabyte, megabyte);
    fc.assert(
      fc.property(
        fc.tuple(window, window, window),
        megabyte,
        fc.nat({ max: 0x2f }),
        (windows, base, probe) => {
          const m = machine();
          const names = ['00:01.0', '01:00.0', '02:00.0'];
          for (const [index, name] of names.entries()) {
            const [first, last] = windows[index] as [number, number];
            m.fn(name).config.write(0x20, 4, first * 16 + last * 0x10_0000);
          }
          const bar = base * 0x10_0000;
          m.fn('03:00.0').config.write(0x10, 4, bar);
          const address = bar + probe * 0x200;
          const open = windows.every(([first, last]) => first <= base && base <= last);
          const hit = open && probe * 0x200 < 0x4000;
          expect(target(m, address)).toBe(hit ? `03:00.0 0 ${(probe * 0x200).toString(16)}` : undefined);
        },
      ),
    );
  });
});

describe('I/O requests of the CPU', () => {
  it('pass I/O windows', () => {
    const m = machine();
    openWindows(m);
    expect(m.hierarchy.routeIo(0xd004)).toMatchObject({ bar: 1, offset: 4 });
    expect(m.hierarchy.routeIo(0xd020)).toBeUndefined();
    m.fn('01:00.0').config.write(0x04, 2, 2);
    expect(m.hierarchy.routeIo(0xd004)).toBeUndefined();
  });

  it('leave out the aliases of ISA where ISA Enable is set', () => {
    const m = machine();
    openWindows(m);
    m.fn('03:00.0').config.write(0x14, 4, 0xd101);
    expect(m.hierarchy.routeIo(0xd100)).toBeDefined();
    m.fn('02:00.0').config.write(0x3e, 2, 4);
    expect(m.hierarchy.routeIo(0xd100)).toBeUndefined();
  });
});

describe('BARs of virtual functions', () => {
  it('follow the VF BARs of the physical function, one after the other', () => {
    const virtual = (name: string): BuiltFunction => ({
      at: name,
      type: 0,
      physicalFunction: '0000:00:03.0',
      bars: [[0, 0x1000]],
    });
    const m = new BuiltMachine([
      { at: '00:03.0', type: 0, virtualFunctions: { total: 2, offset: 1, stride: 1 } },
      virtual('00:03.1'),
      virtual('00:03.2'),
    ]);
    m.write('00:03.0', at.sriov + 0x24, 0xffff_ffff);
    expect(m.read('00:03.0', at.sriov + 0x24)).toBe(0xffff_f000);
    m.write('00:03.0', at.sriov + 0x24, 0xe000_0000);
    m.write('00:03.0', at.sriov + 0x10, 2, 2);
    m.write('00:03.0', at.sriov + 8, 1, 2);
    m.wait(100);
    expect(target(m, 0xe000_1008)).toBeUndefined();
    m.write('00:03.0', at.sriov + 8, 9, 2);
    expect(target(m, 0xe000_1008)).toBe('00:03.2 0 8');
    m.write('00:03.1', 0x10, 0xffff_ffff);
    expect(m.read('00:03.1', 0x10)).toBe(0);
  });
});

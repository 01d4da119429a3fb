import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BuiltMachine } from '../topology/testing/built-machine.ts';
import { EcamWindow } from './ecam-window.ts';
import { Type1Mechanism } from './type1-mechanism.ts';

const make = (): BuiltMachine =>
  new BuiltMachine([
    { at: '00:00.0', classCode: 0x060000 },
    { at: '00:01.0', type: 4, buses: [1, 1] },
    { at: '01:00.0', type: 0 },
  ]);

describe('configuration mechanism #1', () => {
  it('reads and writes through the address latch', () => {
    const machine = make();
    const type1 = new Type1Mechanism(machine.hierarchy);
    type1.out(0xcf8, 4, 0x8001_0004);
    type1.out(0xcfc, 2, 0x0406);
    expect(machine.read('01:00.0', 4, 2)).toBe(0x0406);
    expect(type1.in(0xcfd, 1)).toBe(0x04);
    expect(type1.in(0xcfc, 4)).toBe(0x0010_0406);
    expect(type1.in(0xcf8, 4)).toBe(0x8001_0004);
  });

  it('answers nothing while the enable bit is clear, or the latch was written in bytes', () => {
    const type1 = new Type1Mechanism(make().hierarchy);
    type1.out(0xcf8, 4, 0x0000_0000);
    expect(type1.in(0xcfc, 4)).toBe(0xffff_ffff);
    type1.out(0xcfb, 1, 0x80);
    expect(type1.in(0xcfc, 4)).toBe(0xffff_ffff);
    type1.out(0xcf8, 4, 0x8000_0000);
    expect(type1.in(0xcfc, 4)).toBe(0x1234_8086);
  });

  it('leaves to other ports what goes beyond its data port', () => {
    const machine = make();
    const type1 = new Type1Mechanism(machine.hierarchy);
    type1.out(0xcf8, 4, 0x8001_003c);
    type1.out(0xcff, 2, 0x1234);
    expect(machine.read('01:00.0', 0x40, 1)).toBe(0x01);
    type1.out(0xcfc, 1, 0x5a);
    type1.out(0xcf8, 4, 0x8001_0038);
    expect(type1.in(0xcfd, 4)).toBe(0xff00_0000);
    expect(type1.in(0xcff, 2)).toBe(0xff00);
  });

  it('reaches 256 bytes of segment 0', () => {
    const machine = make();
    const type1 = new Type1Mechanism(machine.hierarchy);
    expect(type1.read(1, 0, 0, 0x100, 4)).toBe(type1.read(1, 0, 0, 0, 4));
    expect(type1.read(1, 1, 0, 0, 4)).toBe(0xffff_ffff);
    type1.write(1, 0, 0, 0x3c, 1, 0x5a);
    expect(type1.read(1, 0, 0, 0x3c, 1)).toBe(0x5a);
  });
});

describe('ECAM', () => {
  const base = 0xb000_0000;
  const window = { segment: 0, base, firstBus: 0, lastBus: 1 };

  it('decodes bus, device, function and register', () => {
    const machine = make();
    const ecam = new EcamWindow(machine.hierarchy, window);
    expect(ecam.readAddress(base + 0x0010_0000, 4)).toBe(0x1234_8086);
    expect(ecam.readAddress(base + 0x0010_0100, 2)).toBe(0x0001);
    ecam.writeAddress(base + 0x8006, 2, 0);
    ecam.writeAddress(base + 0x8004, 1, 7);
    expect(machine.read('00:01.0', 4, 2)).toBe(7);
  });

  it('ends at its last bus, and answers nothing while it is off', () => {
    const ecam = new EcamWindow(make().hierarchy, window);
    expect(ecam.claims(base + 0x1f_ffff)).toBe(true);
    expect(ecam.claims(base + 0x20_0000)).toBe(false);
    expect(ecam.readAddress(base + 0x20_0000, 2)).toBe(0xffff);
    ecam.enabled = false;
    expect(ecam.read(0, 0, 0, 0, 4)).toBe(0xffff_ffff);
  });

  it('makes an access across the end of a function byte by byte', () => {
    const ecam = new EcamWindow(make().hierarchy, window);
    const last = ecam.readAddress(base + 0x8fff, 1);
    const first = ecam.readAddress(base + 0x9000, 1);
    expect(ecam.readAddress(base + 0x8fff, 2)).toBe(last + first * 256);
  });

  it('agrees with mechanism #1 on the first 256 bytes', () => {
    const machine = make();
    const ecam = new EcamWindow(machine.hierarchy, window);
    const type1 = new Type1Mechanism(machine.hierarchy);
    const place = fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 3 }), fc.nat({ max: 1 }), fc.nat({ max: 63 }));
    fc.assert(
      fc.property(place, ([bus, device, fn, dword]) => {
        expect(ecam.read(bus, device, fn, dword * 4, 4)).toBe(
          bus > 1 ? 0xffff_ffff : type1.read(bus, device, fn, dword * 4, 4),
        );
      }),
    );
  });
});

import { SilentObserver } from '@quiesce/pcie-model';
import { EventCalendar } from '@quiesce/simulation';
import { describe, expect, it } from 'vitest';
import { q35Lab } from '../presets/q35-lab.ts';
import { type AssembledMachine, assembleMachine } from './assemble-machine.ts';

function assemble(): AssembledMachine {
  return assembleMachine(q35Lab(), { calendar: new EventCalendar(), observer: new SilentObserver() });
}

describe('assembleMachine', () => {
  it('answers a type 1 read of each function with its Vendor ID', () => {
    const { type1, machine } = assemble();
    expect(type1.read(0, 0, 0, 0, 4)).toBe(0x29c0_8086);
    expect(type1.read(4, 0, 0, 0, 4)).toBe(0x10d3_8086);
    expect(type1.read(8, 0, 0, 0, 4)).toBe(0xffff_ffff);
    expect(machine.functions).toHaveLength(19);
  });

  it('reaches extended space through the ECAM window', () => {
    const { fabric } = assemble();
    // 02:00.0, AER capability.
    expect(fabric.mmioRead(0xb000_0000 + (2 << 20) + 0x100, 4)).toBe(0x0002_0001);
  });

  it('has the unit where the DMAR says, with the registers of the machine', () => {
    const { fabric } = assemble();
    expect(fabric.mmioRead(0xfed9_0000, 4)).toBe(0x10);
    expect(fabric.mmioRead(0xfed9_0008, 4)).toBe(0x2226_0206);
    expect(fabric.mmioRead(0xfed9_000c, 4)).toBe(0x00d2_008c);
    expect(fabric.mmioRead(0xfed9_0010, 4)).toBe(0x00f0_0f4a);
  });

  it('puts every function of the laboratory behind the unit', () => {
    const { unitFor, units, hierarchy } = assemble();
    for (const fn of hierarchy.functions) expect(unitFor(0, fn.requesterId), fn.name).toBe(units[0]);
    expect(unitFor(1, 0x0100)).toBeUndefined();
  });

  it('knows under which requester ID the IO-APIC sends', () => {
    const [source] = assemble().interruptSources;
    expect(source).toMatchObject({ kind: 'io-apic', id: 0, requesterId: 0xff00 });
  });

  it('answers register reads of a device behind the switch', () => {
    const { fabric } = assemble();
    // 04:00.0, e1000e: STATUS is not all ones.
    expect(fabric.mmioRead(0xfda4_0008, 4)).not.toBe(0xffff_ffff);
  });

  it('is the same twice, and after a restore', () => {
    const one = assemble();
    const two = assemble();
    expect(one.hash()).toBe(two.hash());
    const saved = structuredClone(one.snapshot());
    const before = one.hash();
    one.memory.write32(0x200_0000, 0x1234, one.memory.writer('test'));
    one.type1.write(1, 0, 0, 0x04, 2, 0);
    expect(one.hash()).not.toBe(before);
    one.restore(saved);
    expect(one.hash()).toBe(before);
  });

  it('does nothing before software programs it', () => {
    const { fabric } = assemble();
    expect(fabric.nextTime).toBe(Number.POSITIVE_INFINITY);
  });
});

import { assembleMachine, parseMachine } from '@quiesce/machine';
import { SilentObserver } from '@quiesce/pcie-model';
import { EventCalendar } from '@quiesce/simulation';
import { describe, expect, it } from 'vitest';
import { labTopologies, labTopology } from './lab-topologies.ts';

describe.each(Object.keys(labTopologies))('%s', (name) => {
  const machine = labTopology(name);

  it('bears its name, and is the same after a way through JSON', () => {
    expect(machine.name).toBe(name);
    expect(parseMachine(JSON.stringify(machine))).toEqual(machine);
  });

  it('can be assembled: every function answers, and stands behind the unit', () => {
    const assembled = assembleMachine(machine, {
      calendar: new EventCalendar(),
      observer: new SilentObserver(),
    });
    for (const fn of assembled.hierarchy.functions) {
      const { segment, bus, device, fn: number } = fn.description;
      expect(assembled.hierarchy.visibleAt(segment, bus, device, number), fn.name).toBe(fn);
      expect(assembled.unitFor(segment, fn.requesterId), fn.name).toBe(assembled.units[0]);
    }
  });

  it('has devices whose DMA goes on by itself', () => {
    const kinds = machine.functions.map((one) => one.endpoint.kind);
    expect(kinds).toContain('network-ring');
    expect(kinds.filter((kind) => kind === 'cyclic-stream').length).toBeGreaterThanOrEqual(2);
  });

  it('names a function that there is as the target of the dump', () => {
    expect(machine.functions.map((one) => one.name)).toContain(machine.dumpTarget);
  });

  it('can be saved unless it has an NVMe drive, which q35-lab alone has', () => {
    const hasDrive = machine.functions.some((one) => one.endpoint.kind === 'nvme');
    expect(hasDrive).toBe(name === 'q35-lab');
  });
});

describe('labTopology', () => {
  it('differs in the unit only between q35-scalable and its legacy control', () => {
    const [scalable, legacy] = [labTopology('q35-scalable'), labTopology('q35-scalable-legacy')];
    expect(legacy.functions).toEqual(scalable.functions);
    expect([scalable.scalable, legacy.scalable]).toEqual([true, false]);
    expect(scalable.units).not.toEqual(legacy.units);
  });

  it.each(['q35', 'toString', ''])('refuses "%s", and says which machines there are', (name) => {
    expect(() => labTopology(name)).toThrow(expect.objectContaining({ code: 'LAB_MACHINE' }));
    expect(() => labTopology(name)).toThrow(/expected q35-lab, q35-lab-no-nvme, q35-ports/);
  });
});

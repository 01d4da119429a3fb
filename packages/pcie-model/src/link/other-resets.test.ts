import { describe, expect, it } from 'vitest';
import type { EndpointEngine } from '../endpoint/endpoint-engine.ts';
import { at, type BuiltFunction } from '../topology/testing/built-function.ts';
import { BuiltMachine } from '../topology/testing/built-machine.ts';

const port: BuiltFunction = { at: '00:01.0', type: 4, buses: [1, 1], command: 7 };
const endpoint: BuiltFunction = { at: '01:00.0', type: 0, command: 7 };
const LINK_CONTROL = at.express + 0x10;
const LINK_STATUS = at.express + 0x12;

describe('link disable', () => {
  it('resets what is below and shows itself in Data Link Layer Link Active', () => {
    const machine = new BuiltMachine([port, endpoint]);
    expect(machine.read('00:01.0', LINK_STATUS, 2) & 0x2000).toBe(0x2000);
    machine.change('00:01.0', LINK_CONTROL, 0x10, true);
    expect(machine.events).toEqual(['01:00.0 conventional link-disable']);
    expect(machine.read('00:01.0', LINK_STATUS, 2) & 0x2000).toBe(0);
    machine.wait(1000);
    expect(machine.visible('01:00.0')).toBe(false);
    machine.change('00:01.0', LINK_CONTROL, 0x10, false);
    machine.wait(20);
    expect(machine.read('00:01.0', LINK_STATUS, 2) & 0x2000).toBe(0x2000);
    expect(machine.visible('01:00.0')).toBe(false);
    machine.wait(80);
    expect(machine.visible('01:00.0')).toBe(true);
  });

  it('holds as long as one of several reasons does', () => {
    const machine = new BuiltMachine([port, endpoint]);
    machine.change('00:01.0', LINK_CONTROL, 0x10, true);
    machine.change('00:01.0', 0x3e, 0x40, true);
    machine.wait(2);
    machine.change('00:01.0', LINK_CONTROL, 0x10, false);
    machine.wait(200);
    expect(machine.visible('01:00.0')).toBe(false);
    machine.change('00:01.0', 0x3e, 0x40, false);
    machine.wait(100);
    expect(machine.visible('01:00.0')).toBe(true);
    expect(machine.events).toHaveLength(1);
  });

  it('does not exist on an endpoint', () => {
    const machine = new BuiltMachine([port, endpoint]);
    machine.change('01:00.0', LINK_CONTROL, 0x10, true);
    expect(machine.read('01:00.0', LINK_CONTROL, 2)).toBe(0);
  });
});

describe('slot power', () => {
  it('clears sticky state, too', () => {
    const machine = new BuiltMachine([port, endpoint]);
    machine.write('01:00.0', at.aer + 0x08, 0x0010_0000);
    machine.change('00:01.0', at.express + 0x18, 0x400, true);
    machine.change('00:01.0', at.express + 0x18, 0x400, false);
    machine.wait(100);
    expect(machine.read('01:00.0', at.aer + 0x08)).toBe(0x0440_0000);
    expect(machine.events).toEqual(['01:00.0 cold slot-power']);
  });
});

describe('downstream port containment', () => {
  it('takes the link down until software clears its status', () => {
    const machine = new BuiltMachine([port, endpoint]);
    machine.write('00:01.0', at.dpc + 6, 0x41, 2);
    expect(machine.read('00:01.0', at.dpc + 8, 2)).toBe(0x0027);
    expect(machine.events).toEqual(['01:00.0 conventional containment']);
    machine.wait(500);
    expect(machine.visible('01:00.0')).toBe(false);
    machine.write('00:01.0', at.dpc + 8, 1, 2);
    machine.wait(100);
    expect(machine.visible('01:00.0')).toBe(true);
  });

  it('does nothing unless it is armed', () => {
    const machine = new BuiltMachine([port, endpoint]);
    machine.write('00:01.0', at.dpc + 6, 0x40, 2);
    expect(machine.events).toEqual([]);
  });
});

describe('function level reset', () => {
  it('resets one function and keeps the link, payload size and sticky state', () => {
    const machine = new BuiltMachine([port, endpoint, { at: '01:00.1', type: 0, command: 7 }]);
    machine.write('01:00.0', at.express + 8, 0x002f, 2);
    machine.write('01:00.0', at.express + 0x10, 0x0043, 2);
    machine.write('01:00.0', at.aer + 0x08, 0x10);
    machine.write('01:00.0', at.express + 8, 0x802f, 2);
    expect(machine.events).toEqual(['01:00.0 function-level function-level-reset']);
    expect(machine.read('01:00.0', 4, 2)).toBe(0xffff);
    expect(machine.read('01:00.1', 4, 2)).toBe(7);
    machine.wait(100);
    expect(machine.read('01:00.0', 4, 2)).toBe(0);
    expect(machine.read('01:00.0', at.express + 8, 2)).toBe(0x2830);
    expect(machine.read('01:00.0', at.express + 0x10, 2)).toBe(0x0043);
    expect(machine.read('01:00.0', at.aer + 0x08)).toBe(0x10);
    expect(machine.fn('01:00.0').requesterId).toBe(0x0100);
  });

  it('exists for a conventional function with advanced features', () => {
    const machine = new BuiltMachine([{ at: '00:05.0', command: 7 }]);
    machine.write('00:05.0', at.features + 4, 1, 1);
    machine.wait(100);
    expect(machine.read('00:05.0', 4, 2)).toBe(0);
  });

  it('takes the bus numbers of a conventional bridge with advanced features', () => {
    const machine = new BuiltMachine([{ at: '00:1e.0', buses: [1, 1] }, { at: '01:04.0' }]);
    machine.change('00:1e.0', 0x3e, 0x40, true);
    machine.write('00:1e.0', at.features + 4, 1, 1);
    machine.wait(100);
    expect(machine.read('00:1e.0', 0x3e, 2)).toBe(0);
    expect(machine.visible('01:04.0')).toBe(false);
    machine.write('00:1e.0', 0x18, 0x0001_0100);
    expect(machine.visible('01:04.0')).toBe(true);
  });

  it('does not exist on ports', () => {
    const machine = new BuiltMachine([port, { at: '01:00.0', type: 5, command: 7 }]);
    machine.write('01:00.0', at.express + 8, 0x8000, 2);
    expect(machine.read('01:00.0', 4, 2)).toBe(7);
  });

  it('does not exist where Device Capabilities does not promise it', () => {
    const without = { ...endpoint, dwords: { [at.express + 4]: 0x8000 } };
    const machine = new BuiltMachine([port, without]);
    machine.write('01:00.0', at.express + 8, 0x8000, 2);
    expect(machine.read('01:00.0', 4, 2)).toBe(7);
    expect(machine.events).toEqual([]);
  });

  it('counts when it is begun with transactions pending, which the status bit shows', () => {
    const machine = new BuiltMachine([port, endpoint]);
    let pending = true;
    machine.fn('01:00.0').engine = { transactionsPending: () => pending } as unknown as EndpointEngine;
    expect(machine.read('01:00.0', at.express + 0xa, 2)).toBe(0x20);
    machine.write('01:00.0', at.express + 8, 0x8000, 2);
    pending = false;
    machine.wait(100);
    expect(machine.read('01:00.0', at.express + 0xa, 2)).toBe(0);
    machine.write('01:00.0', at.express + 8, 0x8000, 2);
    expect(machine.hierarchy.resetsWhilePending).toBe(1);
  });
});

describe('power states', () => {
  const PMCSR = at.powerManagement + 4;

  it('answer configuration requests only, and hide what is below', () => {
    const machine = new BuiltMachine([port, endpoint]);
    machine.write('01:00.0', PMCSR, 3, 2);
    expect(machine.read('01:00.0', 0)).toBe(0x1234_8086);
    expect(machine.hierarchy.isOperational(machine.fn('01:00.0'))).toBe(false);
    machine.write('00:01.0', PMCSR, 3, 2);
    expect(machine.visible('01:00.0')).toBe(false);
    expect(machine.visible('00:01.0')).toBe(true);
  });

  it('reset the function on the way from D3hot to D0, in 10 ms', () => {
    const machine = new BuiltMachine([port, endpoint]);
    machine.write('01:00.0', PMCSR, 3, 2);
    machine.write('01:00.0', PMCSR, 0, 2);
    expect(machine.read('01:00.0', 0)).toBe(0xffff_ffff);
    machine.wait(10);
    expect(machine.read('01:00.0', 4, 2)).toBe(0);
    expect(machine.events).toEqual(['01:00.0 function-level power-state']);
  });

  it('keep everything with No_Soft_Reset', () => {
    const machine = new BuiltMachine([port, { ...endpoint, noSoftReset: true }]);
    machine.write('01:00.0', PMCSR, 3, 2);
    machine.write('01:00.0', PMCSR, 0, 2);
    machine.wait(10);
    expect(machine.read('01:00.0', 4, 2)).toBe(7);
    expect(machine.events).toEqual([]);
  });

  it('ignore a state that the function does not support', () => {
    const machine = new BuiltMachine([port, endpoint]);
    machine.write('01:00.0', PMCSR, 1, 2);
    expect(machine.read('01:00.0', PMCSR, 2)).toBe(0);
  });
});

describe('virtual functions', () => {
  const physical: BuiltFunction = {
    at: '01:00.0',
    type: 0,
    command: 7,
    virtualFunctions: { total: 2, offset: 0x100, stride: 1 },
  };
  const virtual = (name: string): BuiltFunction => ({ at: name, type: 0, physicalFunction: '0000:01:00.0' });
  const make = (): BuiltMachine =>
    new BuiltMachine([{ ...port, buses: [1, 2] }, physical, virtual('02:00.0'), virtual('02:00.1')]);

  it('exist while VF Enable is set, as many as NumVFs says, on a bus beyond the secondary one', () => {
    const machine = make();
    expect(machine.visible('02:00.0')).toBe(false);
    machine.write('01:00.0', at.sriov + 0x10, 1, 2);
    machine.write('01:00.0', at.sriov + 8, 1, 2);
    expect(machine.visible('02:00.0')).toBe(false);
    machine.wait(100);
    expect(machine.visible('02:00.0')).toBe(true);
    expect(machine.visible('02:00.1')).toBe(false);
    expect(machine.fn('02:00.0').requesterId).toBe(0x0200);
  });

  it('go with a function level reset of the physical function', () => {
    const machine = make();
    machine.write('01:00.0', at.sriov + 0x10, 2, 2);
    machine.write('01:00.0', at.sriov + 8, 1, 2);
    machine.wait(100);
    machine.write('01:00.0', at.express + 8, 0x8000, 2);
    machine.wait(1000);
    expect(machine.visible('01:00.0')).toBe(true);
    expect(machine.visible('02:00.0')).toBe(false);
    expect(machine.events).toContain('02:00.1 conventional virtual-function-disable');
  });
});

import { SilentObserver } from '@quiesce/pcie-model';
import { EventCalendar, UserError } from '@quiesce/simulation';
import { describe, expect, it } from 'vitest';
import { type AssembledMachine, assembleMachine } from '../assemble/assemble-machine.ts';
import { parseMachine } from '../description/parse-machine.ts';
import { preset, presets } from './presets.ts';

function assemble(name: string): AssembledMachine {
  return assembleMachine(preset(name), { calendar: new EventCalendar(), observer: new SilentObserver() });
}

describe.each(Object.keys(presets))('%s', (name) => {
  it('survives a way through JSON', () => {
    const machine = preset(name);
    expect(parseMachine(JSON.stringify(machine))).toEqual(machine);
    expect(machine.name).toBe(name);
  });

  it('has nothing odd about its topology, and every function answers where it stands', () => {
    const { hierarchy } = assemble(name);
    expect(hierarchy.notes).toEqual([]);
    for (const fn of hierarchy.functions) {
      const { segment, bus, device, fn: number } = fn.description;
      // Virtual functions come with VF Enable.
      const there = fn.physicalFunction === undefined ? fn : undefined;
      expect(hierarchy.visibleAt(segment, bus, device, number), fn.name).toBe(there);
    }
  });

  it('routes every memory BAR to its function', () => {
    const { hierarchy } = assemble(name);
    for (const fn of hierarchy.functions) {
      if (fn.physicalFunction !== undefined) continue;
      for (const [bar, size] of fn.description.barSizes.entries()) {
        const low = fn.config.file.peek32(0x10 + 4 * bar);
        if (size === 0 || (low & 1) === 1) continue;
        const target = hierarchy.routeMemory((low & 0xffff_fff0) >>> 0);
        expect(target?.fn.name, `${fn.name} BAR ${bar}`).toBe(fn.name);
      }
    }
  });

  it('has every requester behind a unit, and no scope that leads nowhere', () => {
    const { hierarchy, unitFor, remapping } = assemble(name);
    for (const fn of hierarchy.functions) {
      expect(unitFor(fn.description.segment, fn.requesterId), fn.name).toBeDefined();
    }
    // Units of other architectures than VT-d need no table.
    expect(remapping.dmar?.notes ?? []).toEqual([]);
    const absent = remapping.scopes?.units.flatMap((unit) => unit.absent.map((one) => one.missing));
    expect(absent ?? []).toEqual(name === 'multi-unit' ? ['0000:00:1b.0'] : []);
    for (const region of remapping.scopes?.reservedMemory ?? []) expect(region.absent).toEqual([]);
  });

  it('has a kernel, a reservation for the second one and a function to write the dump to', () => {
    const machine = preset(name);
    const owners = machine.memoryMap.map((one) => one.owner);
    expect(owners).toContain('dump-relevant');
    expect(owners).toContain('crash-kernel');
    const target = machine.functions.find((one) => one.name === machine.dumpTarget);
    expect(target?.driver).toMatchObject({ first: true, second: true });
  });
});

describe('server-2012', () => {
  it('has the network card of the founding reports at 04:00.0, behind a switch', () => {
    const { hierarchy } = assemble('server-2012');
    const card = hierarchy.byName('0000:04:00.0');
    expect(card?.description.endpoint.kind).toBe('network-ring');
    const path = [card?.parent, card?.parent?.parent, card?.parent?.parent?.parent].map((fn) => fn?.kind);
    expect(path).toEqual(['downstream-port', 'upstream-port', 'root-port']);
  });

  it('has a display behind a port of its own', () => {
    const { hierarchy } = assemble('server-2012');
    const display = hierarchy.functions.find((fn) => fn.description.endpoint.kind === 'scan-out');
    expect(display?.parent?.kind).toBe('root-port');
    expect(display?.parent?.children).toHaveLength(1);
  });

  it('gives the second socket a unit of its own', () => {
    const { unitFor, units, hierarchy } = assemble('server-2012');
    for (const fn of hierarchy.functions) {
      // The ports themselves are in the scope that names them.
      expect(unitFor(0, fn.requesterId), fn.name).toBe(units[fn.requesterId >= 0x8000 ? 0 : 1]);
    }
  });

  it('lets the management controller go on using its memory', () => {
    const { reservedRegions, hierarchy, memory } = assemble('server-2012');
    const usb = hierarchy.functions.find((fn) => fn.description.endpoint.kind === 'uhci');
    expect(reservedRegions).toEqual([
      { segment: 0, start: 0xbf7e_0000, end: 0xbf7f_0000, requesterIds: [usb?.requesterId] },
    ]);
    expect(memory.ownerAt(0xbf7e_0000)).toBe('firmware');
  });

  it('lets the conventional card speak under the alias of its bus', () => {
    const { hierarchy, unitFor, units } = assemble('server-2012');
    const card = hierarchy.functions.find((fn) => fn.parent?.kind === 'pcie-to-pci-bridge');
    expect(card?.kind).toBe('conventional');
    expect(unitFor(0, (card?.requesterId as number) & 0xff00)).toBe(units[1]);
  });
});

describe('scalable-2026', () => {
  it('has only device numbers of 16 and more on bus 82', () => {
    const functions = preset('scalable-2026').functions.filter((one) => one.name.startsWith('0000:82:'));
    expect(functions.map((one) => one.name)).toEqual(['0000:82:14.0', '0000:82:1f.0', '0000:82:1f.6']);
  });

  it('has units that offer scalable mode', () => {
    // ECAP.SMTS
    for (const { extendedCapability } of preset('scalable-2026').units) {
      expect(Number.parseInt(extendedCapability.slice(0, 8), 16) & 0x800).not.toBe(0);
    }
  });

  it('names its devices with translation caches in the DMAR', () => {
    const structures = assemble('scalable-2026').remapping.dmar?.structures.map((one) => one.type);
    expect(structures).toEqual(['DRHD', 'DRHD', 'ATSR', 'SATC']);
  });
});

describe('preset', () => {
  it('names the machines that there are', () => {
    expect(() => preset('q36')).toThrow(UserError);
    expect(() => preset('q36')).toThrow(/q35-lab, server-2012, scalable-2026/);
    expect(() => preset('constructor')).toThrow(UserError);
  });
});

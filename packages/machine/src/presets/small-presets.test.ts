import { SilentObserver } from '@quiesce/pcie-model';
import { EventCalendar } from '@quiesce/simulation';
import { describe, expect, it } from 'vitest';
import { type AssembledMachine, assembleMachine } from '../assemble/assemble-machine.ts';
import { preset } from './presets.ts';

function assemble(name: string): AssembledMachine {
  return assembleMachine(preset(name), { calendar: new EventCalendar(), observer: new SilentObserver() });
}

function names(machine: string, bus: string): string[] {
  const functions = preset(machine).functions.map((one) => one.name);
  return functions.filter((name) => name.startsWith(`0000:${bus}:`));
}

describe('q35-scalable-lab', () => {
  it('has the measured topology: nothing below devfn 0x80 on the bus inside of the switch', () => {
    expect(names('q35-scalable-lab', '80')).toEqual(['0000:80:14.0']);
    expect(names('q35-scalable-lab', '81')).toEqual(['0000:81:00.0']);
    expect(names('q35-scalable-lab', '82')).toEqual(['0000:82:14.0', '0000:82:1f.0', '0000:82:1f.6']);
    expect(preset('q35-scalable-lab').scalable).toBe(true);
  });

  it('differs from its control by one function', () => {
    const lab = new Set(preset('q35-scalable-lab').functions.map((one) => one.name));
    const more = preset('q35-scalable-lab-both-halves').functions.filter((one) => !lab.has(one.name));
    expect(more.map((one) => one.name)).toEqual(['0000:82:02.0']);
  });

  it('has a unit that offers scalable mode with second-level tables', () => {
    for (const { extendedCapability } of preset('q35-scalable-lab').units) {
      // ECAP.SMTS and ECAP.SLTS
      expect(Number.parseInt(extendedCapability.slice(0, 8), 16) & 0x4800).toBe(0x4800);
    }
  });
});

describe('workstation-2012', () => {
  it('is small, with three root ports and one of them above the display alone', () => {
    const { hierarchy } = assemble('workstation-2012');
    expect(hierarchy.functions.length).toBeLessThanOrEqual(12);
    const ports = hierarchy.functions.filter((fn) => fn.kind === 'root-port');
    expect(ports.map((port) => port.children.map((fn) => fn.description.endpoint.kind))).toEqual([
      ['scan-out'],
      ['network-ring'],
      ['cyclic-stream'],
    ]);
  });

  it('has a conventional card under a bridge that no port can reset', () => {
    const { hierarchy } = assemble('workstation-2012');
    const card = hierarchy.functions.find((fn) => fn.description.config[2] === 0x0e);
    expect(card?.kind).toBe('conventional');
    expect(card?.parent?.parent).toBeUndefined();
  });

  it('runs for as long as its card waits for a frame, so that a crash falls anywhere in between', () => {
    const { workload, functions } = preset('workstation-2012');
    const card = functions.find((one) => one.endpoint.kind === 'network-ring' && one.driver.first);
    const waitMs = 1000 / (card?.endpoint.workload.ratePerSecond ?? 0);
    expect((workload.runMs?.longest ?? 0) - (workload.runMs?.shortest ?? 0)).toBeCloseTo(waitMs);
  });
});

describe('tylersburg-2010', () => {
  it('has a host bridge of the stepping with the errata', () => {
    const { type1 } = assemble('tylersburg-2010');
    expect(type1.read(0, 0, 0, 0, 4)).toBe(0x3405_8086);
    expect(type1.read(0, 0, 0, 8, 1)).toBe(0x13);
  });

  it('has the mask of remapping faults where type 1 accesses do not reach', () => {
    const { hierarchy } = assemble('tylersburg-2010');
    hierarchy.configWrite(0, 0, 0x14, 0, 0x1ac, 4, 0xffff_ffff);
    expect(hierarchy.configRead(0, 0, 0x14, 0, 0x1ac, 4)).toBe(0x8000_0000);
  });
});

describe('three-roots', () => {
  it('has a segment that type 1 accesses do not reach', () => {
    const { type1, hierarchy } = assemble('three-roots');
    expect(type1.read(0x41, 0, 0, 0, 4)).toBe(0x10d3_8086);
    hierarchy.configWrite(1, 1, 0, 0, 0x3c, 1, 0x5a);
    expect(hierarchy.configRead(1, 1, 0, 0, 0x3c, 1)).toBe(0x5a);
    expect(type1.read(1, 0, 0, 0x3c, 1)).not.toBe(0x5a);
    const roots = hierarchy.rootComplexes.map(({ segment, firstBus }) => [segment, firstBus]);
    expect(roots).toEqual([
      [0, 0],
      [0, 0x40],
      [1, 0],
    ]);
  });
});

describe('multi-unit', () => {
  it('has a unit for graphics alone, and one that nothing passes', () => {
    const { hierarchy, unitFor, units } = assemble('multi-unit');
    const behind = (index: number): string[] =>
      hierarchy.functions
        .filter((fn) => unitFor(fn.description.segment, fn.requesterId) === units[index])
        .map((fn) => fn.name);
    expect(behind(0)).toEqual(['0000:00:02.0']);
    expect(behind(1)).toEqual([]);
    expect(behind(2).length).toBe(hierarchy.functions.length - 1);
  });
});

describe('management-2012', () => {
  it('reserves memory of firmware for the device that firmware runs', () => {
    const { reservedRegions, memory, hierarchy } = assemble('management-2012');
    const device = preset('management-2012').functions.find((one) => one.driver.firmware === true);
    const fn = hierarchy.byName(device?.name ?? '');
    expect(reservedRegions.map((one) => one.requesterIds)).toEqual([[fn?.requesterId]]);
    for (const { start, end } of reservedRegions) {
      expect(memory.ownerAt(start)).toBe('firmware');
      expect(memory.ownerAt(end - 1)).toBe('firmware');
    }
  });
});

describe('sriov-2020', () => {
  it('has two virtual functions, which come with VF Enable and decode shares of the VF BARs', () => {
    const calendar = new EventCalendar();
    const { hierarchy } = assembleMachine(preset('sriov-2020'), { calendar, observer: new SilentObserver() });
    const card = hierarchy.byName('0000:02:00.0');
    const at = card?.config.sriov ?? 0;
    expect(hierarchy.visibleAt(0, 2, 0, 1)).toBeUndefined();
    hierarchy.configWrite(0, 2, 0, 0, at + 0x10, 2, 2);
    hierarchy.configWrite(0, 2, 0, 0, at + 0x08, 2, 9);
    expect(card?.virtualFunctions.map((fn) => fn.name)).toEqual(['0000:02:00.1', '0000:02:00.2']);
    calendar.runUntil(100_000_000);
    const base = hierarchy.configRead(0, 2, 0, 0, at + 0x24, 4);
    const targets = [base, base + 0x1_ffff, base + 0x2_0000].map(
      (address) => hierarchy.routeMemory(address)?.fn.name,
    );
    expect(targets).toEqual(['0000:02:00.1', '0000:02:00.1', '0000:02:00.2']);
    hierarchy.configWrite(0, 2, 0, 0, at + 0x08, 2, 0);
    expect(hierarchy.visibleAt(0, 2, 0, 1)).toBeUndefined();
  });
});

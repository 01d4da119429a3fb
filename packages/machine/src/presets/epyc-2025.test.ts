import { AmdUnit } from '@quiesce/amd-iommu';
import { SilentObserver } from '@quiesce/pcie-model';
import { EventCalendar } from '@quiesce/simulation';
import { expect, it } from 'vitest';
import { assembleMachine } from '../assemble/assemble-machine.ts';
import type { MachineUnit } from '../description/machine.ts';
import { parseMachine } from '../description/parse-machine.ts';
import { epyc2025 } from './epyc-2025.ts';

function assembled(unit: Partial<MachineUnit> = {}): ReturnType<typeof assembleMachine> {
  const base = epyc2025();
  const machine = { ...base, units: base.units.map((one) => ({ ...one, ...unit })) };
  return assembleMachine(machine, { calendar: new EventCalendar(), observer: new SilentObserver() });
}

it('puts all of buses 0 to 7 behind one AMD unit, and nothing beyond', () => {
  const { units, unitFor } = assembled();
  expect(units[0]).toBeInstanceOf(AmdUnit);
  expect(unitFor(0, 0x07ff)).toBe(units[0]);
  expect(unitFor(0, 0x0800)).toBeUndefined();
  expect(unitFor(1, 0)).toBeUndefined();
});

it('sends the interrupts of its I/O APIC as 00:14.0 through the unit', () => {
  const { units, interruptSources } = assembled();
  expect(interruptSources).toEqual([
    { kind: 'io-apic', id: 0x80, segment: 0, requesterId: 0x00a0, unit: units[0] },
  ]);
});

it('locks the base registers of a unit that says so, once software enables it', () => {
  const { fabric } = assembled({ locked: true });
  const base = 0xfd00_0000;
  fabric.mmioWrite(base, 4, 0x100_0000);
  fabric.mmioWrite(base + 0x18, 4, 1);
  fabric.mmioWrite(base, 4, 0x200_0000);
  expect(fabric.mmioRead(base, 4)).toBe(0x100_0000);
});

it('comes through JSON, and refuses what no unit has', () => {
  const machine = epyc2025();
  expect(parseMachine(JSON.stringify(machine), { file: 'epyc.json' })).toEqual(machine);
  const wrong = { ...machine, units: [{ ...machine.units[0], deviceTableCache: -1 }] };
  expect(() => parseMachine(JSON.stringify(wrong), { file: 'epyc.json' })).toThrow('deviceTableCache');
});

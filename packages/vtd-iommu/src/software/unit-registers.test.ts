import { PhysicalMemory } from '@quiesce/simulation';
import { describe, expect, it } from 'vitest';
import { registerOffset } from '../registers/register-block.ts';
import { VtdUnit } from '../unit/vtd-unit.ts';
import { UnitRegisters } from './unit-registers.ts';

const { FECTL, GCMD, GSTS, IRTA, RTADDR } = registerOffset;
const TE = 0x8000_0000;
const IRE = 0x0200_0000;

function unitAndSoftware() {
  const unit = new VtdUnit({
    name: 'dmar0',
    segment: 0,
    registerBase: 0xfed9_0000,
    version: 0x10,
    // As QEMU's unit in the captures.
    capability: { low: 0x2226_0206, high: 0x00d2_008c },
    extendedCapability: { low: 0x00f0_0f4a, high: 0 },
    memory: new PhysicalMemory([{ start: 0, end: 0x1000_0000, owner: 'first-kernel' }]),
  });
  const commands: number[] = [];
  const access = {
    read32: (offset: number) => unit.readRegister32(offset),
    write32: (offset: number, value: number) => {
      if (offset === GCMD) commands.push(value);
      unit.writeRegister32(offset, value);
    },
  };
  return { unit, commands, software: new UnitRegisters(access, () => {}) };
}

/** GSTS without the bits that only say that a pointer was taken. */
function enabled(unit: VtdUnit): number {
  return (unit.readRegister32(GSTS) & 0x86c0_0000) >>> 0;
}

describe('every command restates what is on', () => {
  it('tables change under translation and interrupt remapping', () => {
    const { unit, commands, software } = unitAndSoftware();
    software.setRootTable(0x10_0000);
    software.enableTranslation();
    software.setInterruptTable(0x20_0000, 256);
    unit.writeRegister32(GCMD, (TE + IRE) >>> 0);
    commands.length = 0;
    expect(software.setRootTable(0x30_0000)).toBe(true);
    expect(software.setInterruptTable(0x40_0000)).toBe(true);
    expect(commands.every((value) => (value & (TE + IRE)) >>> 0 === TE + IRE)).toBe(true);
    expect(unit.readRegister32(RTADDR)).toBe(0x30_0000);
    expect(unit.readRegister32(IRTA)).toBe(0x40_0007);
    expect(enabled(unit)).toBe(TE + IRE);
  });

  it('one thing goes off and the other stays', () => {
    const { unit, software } = unitAndSoftware();
    unit.writeRegister32(GCMD, TE);
    unit.writeRegister32(GCMD, (TE + IRE) >>> 0);
    expect(software.disableInterruptRemapping()).toBe(true);
    expect(enabled(unit)).toBe(TE);
    unit.writeRegister32(GCMD, (TE + IRE) >>> 0);
    expect(software.disableTranslation()).toBe(true);
    expect([software.translationEnabled, software.interruptRemappingEnabled]).toEqual([false, true]);
  });
});

it('masks fault events and nothing else', () => {
  const { unit, software } = unitAndSoftware();
  software.maskFaultEvents();
  expect(unit.readRegister32(FECTL) >>> 31).toBe(1);
  expect(enabled(unit)).toBe(0);
});

it('gives up on a unit that does not follow', () => {
  let polls = 0;
  const dead = { read32: () => 0, write32: () => {} };
  const software = new UnitRegisters(dead, () => {
    polls++;
  });
  expect(software.enableTranslation()).toBe(false);
  expect(polls).toBe(1000);
});

import { PhysicalMemory } from '@quiesce/simulation';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AmdUnit } from '../unit/amd-unit.ts';
import { AmdControl, amdRegister, iommuRegisters, isLockedBySnp } from './iommu-registers.ts';
import { ringBytes, ringRegister } from './ring.ts';

function unit(features = { low: 0x40, high: 0x800 }): AmdUnit {
  const memory = new PhysicalMemory([{ start: 0, end: 0x100_0000, owner: 'first-kernel', label: 'RAM' }]);
  return new AmdUnit({ name: 'ivhd0', segment: 0, registerBase: 0xfd00_0000, features, memory });
}

/** Bits of an aligned dword that a layout lets software write as they are. */
function writable(offset: number): number {
  let mask = 0;
  for (const register of iommuRegisters.registers) {
    for (const field of register.fields) {
      if (field.access !== 'RW') continue;
      for (let bit = field.low; bit <= field.high; bit++) {
        const at = register.offset * 8 + bit;
        if (at >= offset * 8 && at < offset * 8 + 32) mask |= 2 ** (at - offset * 8);
      }
    }
  }
  return mask >>> 0;
}

it('stores what software writes into the bits that it may write, dword by dword', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...[0x00, 0x04, 0x08, 0x0c, 0x10, 0x14, 0x20, 0x24, 0x28, 0x2c, 0x2008, 0x2010]),
      fc.integer({ min: 0, max: 0xffff_ffff }),
      (offset, value) => {
        const one = unit();
        const before = one.readRegister32(offset);
        one.writeRegister32(offset, value);
        const mask = writable(offset);
        expect(one.readRegister32(offset)).toBe(((before & ~mask) | (value & mask)) >>> 0);
      },
    ),
  );
});

it('shows the features that the machine says, whatever is written', () => {
  const one = unit({ low: 0x1234_5678, high: 0x9abc_def0 });
  one.writeWide(amdRegister.features, { low: 0, high: 0 });
  expect(one.readRegister32(amdRegister.features)).toBe(0x1234_5678);
  one.reset('conventional');
  expect(one.readRegister32(amdRegister.features + 4)).toBe(0x9abc_def0);
});

it('clears what is written 1 in the status register, and only that', () => {
  const one = unit();
  one.writeRegister32(amdRegister.control, AmdControl.iommu | AmdControl.eventLog);
  one.writeRegister32(amdRegister.status, 0xffff_ffff);
  expect(one.readRegister32(amdRegister.status)).toBe(0x8);
});

it('locks the five base registers and nothing else', () => {
  const locked = iommuRegisters.registers
    .filter(({ offset }) => isLockedBySnp(offset))
    .map(({ name }) => name);
  expect(locked).toEqual(['DEVTAB', 'CMDBUF', 'EVTLOG', 'STOREBASE', 'STORELIMIT']);
});

it('reads the size of a ring back from the register that says it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 8, max: 15 }), fc.integer({ min: 0, max: 0xffff }), (power, page) => {
      const { low, high } = ringRegister(page * 4096 + 0x1_0000_0000, 2 ** power);
      expect(ringBytes(high)).toBe(16 * 2 ** power);
      expect(low).toBe(page * 4096);
      expect(high & 0xf_ffff).toBe(1);
    }),
  );
});

it('begins with rings of 256 entries', () => {
  expect(ringBytes(unit().readRegister32(amdRegister.commandBuffer + 4))).toBe(4096);
});

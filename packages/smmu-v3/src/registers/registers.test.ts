import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CMDQEN,
  EVENTQEN,
  SMMUEN,
  testIdr0,
  testIdr1,
  testIdr5,
  UnitFixture,
} from '../testing/unit-fixture.ts';
import { controlRegisters } from './control-registers.ts';
import { decodeFeatures, outputAddressBits } from './features.ts';
import { identificationRegisters } from './identification-registers.ts';
import { queueRegisters } from './queue-registers.ts';
import { registerOffset } from './register-block.ts';
import { streamTableRegisters } from './stream-table-registers.ts';

const layouts = [identificationRegisters, controlRegisters, streamTableRegisters, queueRegisters];

/** Bits of a dword that software can set, by the declarations. */
function writableBits(offset: number): number {
  let mask = 0;
  for (const layout of layouts) {
    for (const register of layout.registers) {
      for (const { access, high, low } of register.fields) {
        for (let bit = low; bit <= high; bit++) {
          const inDword = register.offset * 8 + bit - offset * 8;
          if (access === 'RW' && inDword >= 0 && inDword < 32) mask |= 1 << inDword;
        }
      }
    }
  }
  return mask >>> 0;
}

describe('registers', () => {
  it('are at the offsets that code names, and do not overlap', () => {
    const seen = new Set<number>();
    for (const layout of layouts) {
      for (const register of layout.registers) {
        const name = register.name as keyof typeof registerOffset;
        expect(registerOffset[name], register.name).toBe(register.offset);
        for (let at = register.offset; at < register.offset + register.width / 8; at++) {
          expect(seen.has(at)).toBe(false);
          seen.add(at);
        }
      }
    }
  });

  it('keep what their declarations let software write, as long as nothing is enabled', () => {
    // GBPA needs UPDATE with it; PROD registers of a disabled queue and all others are plain.
    const offsets = Object.values(registerOffset).filter(
      (offset) => offset !== registerOffset.GBPA && offset !== registerOffset.CR0,
    );
    fc.assert(
      fc.property(fc.constantFrom(...offsets), fc.nat(0xffff_ffff), (offset, value) => {
        const fixture = new UnitFixture();
        const before = fixture.read(offset);
        fixture.write(offset, value);
        const mask = writableBits(offset);
        expect(fixture.read(offset)).toBe(((before & ~mask) | (value & mask)) >>> 0);
      }),
    );
  });

  it('acknowledge every enable at once', () => {
    const fixture = new UnitFixture();
    fixture.write(registerOffset.CR0, 0xffff_ffff);
    expect(fixture.read(registerOffset.CR0)).toBe(0x1d);
    expect(fixture.read(registerOffset.CR0ACK)).toBe(0x1d);
    fixture.write(registerOffset.CR0ACK, 0);
    expect(fixture.read(registerOffset.CR0ACK)).toBe(0x1d);
    fixture.write(registerOffset.IRQ_CTRL, 0xffff_ffff);
    expect(fixture.read(registerOffset.IRQ_CTRLACK)).toBe(5);
  });

  it.each([
    ['CR1', registerOffset.CR1, SMMUEN],
    ['CR2', registerOffset.CR2, SMMUEN],
    ['STRTAB_BASE', registerOffset.STRTAB_BASE, SMMUEN],
    ['the upper half of STRTAB_BASE', registerOffset.STRTAB_BASE + 4, SMMUEN],
    ['STRTAB_BASE_CFG', registerOffset.STRTAB_BASE_CFG, SMMUEN],
    ['CMDQ_BASE', registerOffset.CMDQ_BASE, CMDQEN],
    ['CMDQ_CONS', registerOffset.CMDQ_CONS, CMDQEN],
    ['EVENTQ_BASE', registerOffset.EVENTQ_BASE, EVENTQEN],
    ['EVENTQ_PROD', registerOffset.EVENTQ_PROD, EVENTQEN],
  ])('%s stays as it is while it is in use', (_name, offset, enable) => {
    const fixture = new UnitFixture();
    fixture.write(registerOffset.CR0, enable);
    const before = fixture.read(offset);
    fixture.write(offset, 0x0000_0a43);
    expect(fixture.read(offset)).toBe(before);
    expect(fixture.unit.softwareErrors).toBe(1);
    fixture.write(registerOffset.CR0, 0);
    fixture.write(offset, 0x0000_0a43);
    expect(fixture.read(offset)).not.toBe(before);
  });

  it('have the indexes of the event queue in page 1 too, and zeros where nothing is', () => {
    const fixture = new UnitFixture();
    fixture.write(0x100ac, 5);
    expect(fixture.read(registerOffset.EVENTQ_CONS)).toBe(5);
    expect(fixture.read(0x100ac)).toBe(5);
    fixture.write(0x2000, 1);
    expect(fixture.read(0x2000)).toBe(0);
  });

  it('come back with a reset', () => {
    const fixture = new UnitFixture().start();
    fixture.unit.reset();
    expect(fixture.read(registerOffset.CR0ACK)).toBe(0);
    expect(fixture.read(registerOffset.IDR0)).toBe(testIdr0);
    expect(fixture.read(registerOffset.STRTAB_BASE)).toBe(0);
  });
});

describe('features', () => {
  it('follow from the identification registers', () => {
    expect(decodeFeatures({ idr0: testIdr0, idr1: testIdr1, idr5: testIdr5, version: 1 })).toEqual({
      twoLevelStreamTable: true,
      coherent: true,
      ats: true,
      stage1: true,
      stage2: true,
      streamIdBits: 16,
      substreamIdBits: 8,
      largestCommandQueue: 8,
      largestEventQueue: 4,
      outputAddressBits: 48,
    });
  });

  it('have as many address bits as the encoding says', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7].map(outputAddressBits)).toEqual([32, 36, 40, 42, 44, 48, 52, 52]);
  });
});

import { describe, expect, it } from 'vitest';
import { ConfigSpace } from './config-space.ts';

/** A function of 4,096 bytes with a list of capabilities at 0x40 and extended ones at 0x100. */
function space(dwords: Readonly<Record<number, number>>): ConfigSpace {
  const bytes = new Uint8Array(4096);
  const view = new DataView(bytes.buffer);
  for (const [offset, value] of Object.entries({ 4: 0x0010_0000, 52: 0x40, ...dwords })) {
    view.setUint32(Number(offset), value, true);
  }
  return new ConfigSpace(bytes);
}

/** Bits of a dword that software can change. */
function changeable(config: ConfigSpace, offset: number): number {
  config.write(offset, 4, 0xffff_ffff);
  const ones = config.read(offset, 4);
  config.write(offset, 4, 0);
  return (ones ^ config.read(offset, 4)) >>> 0;
}

describe('what a capability says that its function lacks', () => {
  it('hardwires the enables of access control services that are absent', () => {
    // Everything but egress control and direct translated.
    expect(changeable(space({ 256: 0x0001_000d, 260: 0x001f }), 260)).toBe(0x001f_0000);
    expect(changeable(space({ 256: 0x0001_000d, 260: 0x007f }), 260)).toBe(0x007f_0000);
  });

  it('hardwires the enables of ECRC and multiple headers without their capability', () => {
    expect(changeable(space({ 256: 0x0001_0001, 280: 0x00a0 }), 280)).toBe(0x140);
    expect(changeable(space({ 256: 0x0001_0001, 280: 0x0200 }), 280)).toBe(0x400);
    expect(changeable(space({ 256: 0x0001_0001, 280: 0 }), 280)).toBe(0);
  });

  it('has a mask bit for each message and none beyond', () => {
    const masks = (log2: number): number => changeable(space({ 64: 0x0180_0005 + log2 * 0x2_0000 }), 0x50);
    expect(masks(0)).toBe(1);
    expect(masks(2)).toBe(0xf);
    expect(masks(5)).toBe(0xffff_ffff);
  });

  it('has lamps where the slot has them, and no reset brings their reserved value', () => {
    const slot = (lamps: number): ConfigSpace =>
      space({ 64: 0x0162_0010, 84: lamps, 88: lamps === 0 ? 0 : 0x01c0 });
    const lit = slot(0x18);
    expect(changeable(lit, 0x58) & 0x3c0).toBe(0x3c0);
    lit.file.reset('conventional');
    expect(lit.read(0x58, 2)).toBe(0x1c0);
    const dark = slot(0);
    expect(changeable(dark, 0x58) & 0x3c0).toBe(0);
    dark.file.reset('conventional');
    expect(dark.read(0x58, 2)).toBe(0);
  });
});

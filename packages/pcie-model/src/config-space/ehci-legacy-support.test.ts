import { describe, expect, it } from 'vitest';
import { ConfigSpace } from './config-space.ts';

/** An EHCI function with a power management capability at 50h, and what firmware left of legacy support at `offset`. */
function controller(offset: number, support: number): ConfigSpace {
  const bytes = new Uint8Array(256);
  const view = new DataView(bytes.buffer);
  view.setUint32(0x00, 0x1e26_8086, true);
  view.setUint32(0x04, 0x0010_0006, true);
  view.setUint32(0x08, 0x0c03_2004, true);
  view.setUint8(0x34, 0x50);
  view.setUint32(0x50, 0x0002_0001, true);
  view.setUint32(offset, support, true);
  view.setUint32(offset + 4, 0xc008_203f, true);
  return new ConfigSpace(bytes, [0x400], { ehciLegacySupport: offset });
}

describe('legacy support of an EHCI controller', () => {
  it('is handed over when software asks for it', () => {
    const config = controller(0x68, 0x0001_0001);
    config.write(0x6b, 1, 1);
    expect(config.read(0x68, 4)).toBe(0x0100_0001);
    config.write(0x6c, 4, 0);
    expect(config.read(0x6c, 4)).toBe(0xc008_0000);
    config.write(0x6c, 4, 0xe000_0000);
    expect(config.read(0x6c, 4)).toBe(0x0008_0000);
  });

  it('stays what firmware left while nobody asks, also where software only takes it away from firmware', () => {
    const config = controller(0xa0, 0x0001_0001);
    expect(config.read(0xa0, 4)).toBe(0x0001_0001);
    config.write(0xa2, 1, 0);
    expect(config.read(0xa0, 4)).toBe(1);
  });

  it('is not laid over a capability, nor over the header', () => {
    for (const offset of [0x50, 0x4c, 0x3c, 0xfc - 0xf0, 0x69]) {
      const config = controller(offset, 0x0001_0001);
      const before = config.read(offset + 3, 1);
      config.write(offset + 3, 1, before ^ 1);
      if (offset !== 0x3c) expect(config.read(offset + 3, 1), offset.toString(16)).toBe(before);
    }
  });
});

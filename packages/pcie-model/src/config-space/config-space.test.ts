import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, built } from '../topology/testing/built-function.ts';
import { CapabilityId, ExtendedCapabilityId } from './capability-id.ts';
import { listCapabilities } from './capability-list.ts';
import { ConfigSpace } from './config-space.ts';
import { powerManagement } from './power-management.ts';

/** As a kernel sizes a BAR: all ones, read back, restore. */
function sizeOf(config: ConfigSpace, bar: number, mask: number): number {
  const offset = 0x10 + bar * 4;
  const old = config.read(offset, 4);
  config.write(offset, 4, 0xffff_ffff);
  const bits = config.read(offset, 4) & mask;
  config.write(offset, 4, old);
  expect(config.read(offset, 4)).toBe(old);
  return bits === 0 ? 0 : (~bits + 1) >>> 0;
}

describe('BARs', () => {
  const { config: bytes, barSizes } = built({
    at: '01:00.0',
    type: 0,
    bars: [
      [0xfe00_0004, 0x4000],
      [0x0000_0012, 0],
      [0xfd00_0008, 0x10_0000],
      [0x0000_e001, 0x20],
      [0x0000_000c, 2 ** 33],
      [0x0000_0004, 0],
    ],
  });

  it('show their size to software that writes all ones', () => {
    const config = new ConfigSpace(bytes, barSizes);
    expect(sizeOf(config, 0, ~0xf)).toBe(0x4000);
    expect(sizeOf(config, 2, ~0xf)).toBe(0x10_0000);
    expect(sizeOf(config, 3, ~0x3)).toBe(0x20);
    expect(sizeOf(config, 4, ~0xf)).toBe(0);
    config.write(0x24, 4, 0xffff_ffff);
    expect(config.read(0x24, 4)).toBe(0xffff_fffe);
  });

  it('keep their kind over a reset, which takes the address', () => {
    const config = new ConfigSpace(bytes, barSizes);
    config.file.reset('conventional');
    expect([0x10, 0x14, 0x18, 0x1c].map((offset) => config.read(offset, 4))).toEqual([4, 0, 8, 1]);
  });

  it('do not move where the size is not known', () => {
    const config = new ConfigSpace(bytes, []);
    config.write(0x10, 4, 0xffff_ffff);
    expect(config.read(0x10, 4)).toBe(0xfe00_0004);
  });

  it('have a size that is a power of two', () => {
    for (const size of [1, 3, 8, 4097, -16, Number.NaN, 2 ** 40]) {
      const make = (): ConfigSpace => new ConfigSpace(new Uint8Array(256), [size]);
      expect(make).toThrow(expect.objectContaining({ code: 'BAR_SIZE' }));
    }
  });
});

describe('capabilities', () => {
  it('are found by ID', () => {
    const config = new ConfigSpace(built({ at: '01:00.0', type: 0 }).config);
    expect(config.findCapability(CapabilityId.msix)).toBe(at.msix);
    expect(config.findExtendedCapability(ExtendedCapabilityId.deviceSerialNumber)).toBe(at.serial);
    expect(config.findCapability(0x7f)).toBe(0);
    expect(config.get(powerManagement.field['CAPABILITIES.VERSION'], config.powerManagement)).toBe(3);
  });

  it('that are not known keep their bytes, read-only', () => {
    const bytes = built({
      at: '01:00.0',
      type: 0,
      dwords: { [at.msix]: 0x1234_0009, [at.msix + 4]: 0xdead_beef },
    });
    const config = new ConfigSpace(bytes.config);
    config.write(at.msix + 4, 4, 0);
    config.file.reset('cold');
    expect(config.read(at.msix + 4, 4)).toBe(0xdead_beef);
  });

  it('in a loop, or pointing outside, end with a note', () => {
    const loop = new Uint8Array(256);
    loop.set([0x10, 0], 0x06);
    loop[0x34] = 0x40;
    loop.set([0x01, 0x48], 0x40);
    loop.set([0x09, 0x40], 0x48);
    expect(new ConfigSpace(loop).notes).toEqual(['capability list comes back to 0x40']);
    loop.set([0x01, 0x10], 0x40);
    expect(new ConfigSpace(loop).notes).toEqual(['capability pointer 0x10 points into the header']);
  });

  it('that reach over the end are read-only there', () => {
    const bytes = new Uint8Array(256);
    bytes[0x06] = 0x10;
    bytes[0x34] = 0xfc;
    bytes.set([CapabilityId.powerManagement, 0, 3, 0], 0xfc);
    const config = new ConfigSpace(bytes);
    expect(config.capabilities.map((one) => one.layouts)).toEqual([[]]);
  });

  it('can be read from any bytes', () => {
    const sizes = fc.constantFrom(0, 1, 64, 256, 257, 4096, 5000);
    fc.assert(
      fc.property(sizes, fc.nat({ max: 0xffff_ffff }), fc.constantFrom(1, 7, 128), (size, seed, density) => {
        let state = seed | 1;
        const bytes = Uint8Array.from({ length: size }, () => {
          state = Math.imul(state, 1664525) + 1013904223;
          return (state >>> 24) % density === 0 ? state >>> 16 : 0x40 + ((state >>> 16) & 0x7c);
        });
        const config = new ConfigSpace(bytes);
        const limit = (256 - 64) / 4 + (4096 - 256) / 4;
        expect(config.capabilities.length).toBeLessThanOrEqual(limit);
        for (let offset = 0; offset < Math.min(size, config.size); offset++) {
          if (config.file.peek8(offset) !== bytes[offset]) expect.unreachable(`byte ${offset} changed`);
        }
        config.file.reset('conventional');
        config.file.reset('cold');
        expect(listCapabilities(config.file.bytes()).capabilities).toEqual(
          config.capabilities.map(({ layouts: _, ...listed }) => listed),
        );
      }),
      // A capability inside the structure of another one.
      { examples: [[5000, 508480114, 1]] },
    );
  });
});

describe('resets of a config space', () => {
  it('give the same twice, and the same as before any software access', () => {
    for (const type of [0, 4, 5, 6, 7, 9, undefined]) {
      const buses = type === 0 || type === 9 || type === undefined ? {} : { buses: [1, 1] as const };
      const bytes = built({ at: '00:01.0', ...(type === undefined ? {} : { type }), ...buses }).config;
      const fresh = new ConfigSpace(bytes);
      fresh.file.reset('cold');
      const used = new ConfigSpace(bytes);
      for (let offset = 0; offset < used.size; offset += 4) used.write(offset, 4, 0xffff_ffff);
      used.file.reset('cold');
      expect(used.file.bytes()).toEqual(fresh.file.bytes());
      used.file.reset('conventional');
      expect(used.file.bytes()).toEqual(fresh.file.bytes());
    }
  });
});

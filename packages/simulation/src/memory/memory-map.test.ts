import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBacked, MemoryMap, memoryOwners } from './memory-map.ts';

describe('MemoryMap', () => {
  it('always has the interrupt window, which is not memory', () => {
    const map = new MemoryMap([{ start: 0, end: 2 ** 33, owner: 'first-kernel' }]);
    expect(map.ownerAt(0xfee0_0000)).toBe('interrupt-window');
    expect(map.ownerAt(0xfeef_ffff)).toBe('interrupt-window');
    expect(map.ownerAt(0xfef0_0000)).toBe('first-kernel');
    expect(isBacked('interrupt-window')).toBe(false);
  });

  it('splits a region around a later one, labels kept', () => {
    const map = new MemoryMap([{ start: 0, end: 0x1000, owner: 'first-kernel', label: 'System RAM' }]);
    map.assign({ start: 0x400, end: 0x800, owner: 'crash-kernel', label: 'Crash kernel' });
    expect(map.regions.slice(0, 3)).toEqual([
      { start: 0, end: 0x400, owner: 'first-kernel', label: 'System RAM' },
      { start: 0x400, end: 0x800, owner: 'crash-kernel', label: 'Crash kernel' },
      { start: 0x800, end: 0x1000, owner: 'first-kernel', label: 'System RAM' },
    ]);
  });

  it('refuses empty, upside-down, fractional and too high regions', () => {
    const map = new MemoryMap();
    for (const [start, end] of [
      [1, 1],
      [2, 1],
      [-1, 1],
      [0.5, 1],
      [0, 2 ** 52 + 1],
      [Number.NaN, 1],
    ] as const) {
      expect(() => map.assign({ start, end, owner: 'mmio' })).toThrow(
        expect.objectContaining({ code: 'MEMORY_REGION' }),
      );
    }
    map.assign({ start: 2 ** 52 - 1, end: 2 ** 52, owner: 'mmio' });
    expect(map.ownerAt(2 ** 52 - 1)).toBe('mmio');
  });

  it('answers as an array with one owner per address does', () => {
    const region = fc.record({
      start: fc.nat(99),
      length: fc.integer({ min: 1, max: 40 }),
      owner: fc.constantFrom(...memoryOwners),
    });
    fc.assert(
      fc.property(fc.array(region, { maxLength: 30 }), (regions) => {
        const map = new MemoryMap();
        const owners = new Array<string>(140).fill('none');
        for (const { start, length, owner } of regions) {
          const generation = map.generation;
          map.assign({ start, end: start + length, owner });
          expect(map.generation).not.toBe(generation);
          owners.fill(owner, start, start + length);
        }
        expect(owners.map((_, address) => map.ownerAt(address))).toEqual(owners);
        for (let at = 0; at < 140; at = map.nextBoundary(at)) {
          const same = owners.slice(at, Math.min(map.nextBoundary(at), 140));
          expect(new Set(same).size).toBe(1);
        }
        for (const [i, { start, end }] of map.regions.entries()) {
          expect(start).toBeLessThan(end);
          if (i > 0) expect(start).toBeGreaterThanOrEqual(map.regions[i - 1]!.end);
        }
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PageStore } from './page-store.ts';

describe('PageStore', () => {
  it('finds every page again, however their frames collide', () => {
    // Frames that share low bits, so that all fall on a few places of the hash table.
    const frame = fc
      .tuple(fc.nat(3), fc.nat(400), fc.boolean())
      .map(([low, high, far]) => low + high * 2 ** (far ? 31 : 9));
    fc.assert(
      fc.property(fc.uniqueArray(frame, { maxLength: 300 }), (frames) => {
        const store = new PageStore();
        const slots = frames.map((one) => store.add(one));
        expect(frames.map((one) => store.find(one))).toEqual(slots);
        expect(slots.map((slot) => store.frame(slot))).toEqual(frames);
        expect(store.sorted().map((slot) => store.frame(slot))).toEqual([...frames].sort((a, b) => a - b));
        for (let other = 0; other < 64; other++) {
          if (!frames.includes(other)) expect(store.find(other)).toBe(-1);
        }
        store.clear();
        expect(frames.map((one) => store.find(one))).toEqual(frames.map(() => -1));
      }),
    );
  });

  it('gives each page its own bytes, zero at first, words and bytes the same', () => {
    const store = new PageStore();
    const slots = Array.from({ length: 100 }, (_, frame) => store.add(frame));
    for (const slot of slots) {
      expect(store.pageWords(slot).every((word) => word === 0)).toBe(true);
      store.pageBytes(slot).fill(slot + 1);
    }
    for (const slot of slots) {
      expect(store.pageWords(slot)[1023]).toBe((slot + 1) * 0x0101_0101);
      expect(store.pageWords(slot).length).toBe(1024);
      expect(store.pageWriters(slot).every((writer) => writer === 0xffff)).toBe(true);
    }
  });
});

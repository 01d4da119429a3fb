import { expect, it } from 'vitest';
import { BufferRegistry } from './buffer-registry.ts';

it('knows whose buffer a page is, function by function', () => {
  const registry = new BufferRegistry();
  registry.give(1, 7, 0x3000_0800, 0x1000);
  expect(registry.givenTo(7, 0x3000_0000)).toBe(1);
  expect(registry.givenTo(7, 0x3000_1fff)).toBe(1);
  expect(registry.givenTo(7, 0x3000_2000)).toBe(0);
  expect(registry.givenTo(8, 0x3000_0000)).toBe(0);
});

it('gives a page that the second kernel hands out again to the second kernel', () => {
  const registry = new BufferRegistry();
  registry.give(1, 7, 0x3000_0000, 4096);
  registry.give(2, 7, 0x3000_0000, 4096);
  expect(registry.givenTo(7, 0x3000_0123)).toBe(2);
});

it('knows pages that were given up to leftover DMA of any function', () => {
  const registry = new BufferRegistry();
  registry.giveUp(0x3000_1000, 0x2000);
  expect([0x3000_0fff, 0x3000_1000, 0x3000_2fff, 0x3000_3000].map((at) => registry.isGivenUp(at))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(registry.givenTo(7, 0x3000_1000)).toBe(0);
});

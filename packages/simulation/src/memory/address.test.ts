import fc from 'fast-check';
import { expect, it } from 'vitest';
import { highWord, lowWord, pageAddress } from './address.ts';

it('takes an address of 52 bits apart and puts its page together again', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (n) => {
      const address = Math.abs(n) % 2 ** 52;
      expect(highWord(address) * 2 ** 32 + lowWord(address)).toBe(address);
      const flags = 0xfff0_0000;
      expect(pageAddress(lowWord(address), (highWord(address) | flags) >>> 0)).toBe(
        address - (address % 4096),
      );
    }),
  );
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { errorText } from './error-text.ts';

it('is one line of bounded length, whatever was thrown', () => {
  const objects = [Object.create(null), { toString: () => 7n }, new Proxy({}, {}), Symbol('x')];
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.constantFrom(...objects)), (thrown) => {
      const text = errorText(thrown);
      expect(text).not.toMatch(/[\n\r]/);
      expect(text.length).toBeLessThanOrEqual(501);
    }),
  );
  expect(errorText(new Error('a\n  b'))).toBe('a b');
  expect(errorText(new Error('x'.repeat(1e6))).length).toBe(501);
  expect(errorText(new TypeError(''))).toBe('TypeError');
});

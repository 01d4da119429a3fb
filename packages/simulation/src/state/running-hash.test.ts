import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunningHash } from './running-hash.ts';

function digest(fill: (hash: RunningHash) => void): string {
  const hash = new RunningHash();
  fill(hash);
  return hash.digest();
}

describe('RunningHash', () => {
  it('gives the same digits for good', () => {
    expect(digest(() => {})).toMatchInlineSnapshot(`"db6e264e26911132"`);
    const all = digest((hash) => {
      hash.word(1);
      hash.number(2 ** 52 + 1);
      hash.text('DMAR');
      hash.bytes(Uint8Array.of(1, 2, 3, 4, 5));
      hash.words(Uint32Array.of(0xffff_ffff, 0));
    });
    expect(all).toMatchInlineSnapshot(`"1f9e5a3f95872dbc"`);
  });

  it('tells numbers apart up to 53 bits, whatever their sign', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), (a, b) => {
        fc.pre(a !== b);
        expect(digest((hash) => hash.number(a))).not.toBe(digest((hash) => hash.number(b)));
      }),
    );
  });

  it('tells apart what is split differently', () => {
    const texts = (...parts: string[]): string =>
      digest((hash) => {
        for (const part of parts) hash.text(part);
      });
    expect(texts('ab', 'c')).not.toBe(texts('a', 'bc'));
    const bytes = (...parts: number[][]): string =>
      digest((hash) => {
        for (const part of parts) hash.bytes(Uint8Array.from(part));
      });
    expect(bytes([1], [2])).not.toBe(bytes([1, 2]));
    expect(bytes([], [0])).not.toBe(bytes([0], []));
  });

  it('changes with every byte', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (bytes, at, flip) => {
          const other = bytes.slice();
          const index = at % bytes.length;
          other[index] = (other[index] as number) ^ flip;
          expect(digest((hash) => hash.bytes(other))).not.toBe(digest((hash) => hash.bytes(bytes)));
        },
      ),
    );
  });

  it('goes on where another was', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeInteger()), fc.array(fc.maxSafeInteger()), (first, rest) => {
        const whole = new RunningHash();
        for (const n of first) whole.number(n);
        const resumed = new RunningHash(99);
        resumed.resume(whole.lanes());
        for (const n of rest) {
          whole.number(n);
          resumed.number(n);
        }
        expect(resumed.digest()).toBe(whole.digest());
      }),
    );
  });

  it('does not meet itself in a hundred thousand small inputs', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 100_000; i++) seen.add(digest((hash) => hash.number(i)));
    expect(seen.size).toBe(100_000);
  });
});

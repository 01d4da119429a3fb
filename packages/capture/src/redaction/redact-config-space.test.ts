import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { networkCard } from '../testing/made-up-server.ts';
import { Placeholders } from './placeholders.ts';
import { redactConfigSpace } from './redact-config-space.ts';

const redact = (config: Uint8Array, placeholders = new Placeholders()) =>
  redactConfigSpace(config, placeholders);

describe('a config space', () => {
  it('loses its serial number and what was read of its product data, and nothing else', () => {
    const card = networkCard();
    const expected = card.slice();
    expected.fill(0, 0x4c, 0x50);
    expected.fill(0, 0x104, 0x10c);
    expected[0x104] = 1;
    expect(hexOf(redact(card))).toBe(hexOf(expected));
    expect(hexOf(card)).toBe(hexOf(networkCard()));
  });

  it('of two functions of one card keeps that they are of one card', () => {
    const placeholders = new Placeholders();
    const other = networkCard();
    other[0x104] = 0x99;
    const [first, second, third] = [networkCard(), networkCard(), other].map((one) =>
      redact(one, placeholders),
    );
    expect(hexOf(second)).toBe(hexOf(first));
    expect(third?.[0x104]).toBe(2);
    expect(placeholders.counts()).toContainEqual({ kind: 'device-serial-number', count: 3 });
  });

  it('without a serial number to speak of stays', () => {
    for (const byte of [0x00, 0xff]) {
      const card = networkCard().fill(byte, 0x104, 0x10c).fill(0, 0x4c, 0x50);
      expect(hexOf(redact(card))).toBe(hexOf(card));
    }
    const off = new Uint8Array(4096).fill(0xff);
    expect(hexOf(redact(off))).toBe(hexOf(off));
    expect(redact(new Uint8Array(64))).toEqual(new Uint8Array(64));
  });

  it('of whatever bytes keeps its length, and is redacted once for all', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc.tuple(fc.nat(4095), fc.nat(255)).map(([at, value]) => networkCard().fill(value, at, at + 1)),
    );
    fc.assert(
      fc.property(bytes, (config) => {
        const once = redact(config);
        expect(once).toHaveLength(config.length);
        expect(Buffer.compare(redact(once), once)).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

function hexOf(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('hex');
}

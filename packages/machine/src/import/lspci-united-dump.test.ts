import { describe, expect, it } from 'vitest';
import type { CollectedSpace } from './lspci-function-rows.ts';
import { isSameDump, unitedDump } from './lspci-united-dump.ts';

/** A space of 64 bytes of one value, without some ranges. */
function space(value: number, ...missing: [start: number, end: number][]): CollectedSpace {
  const bytes = new Uint8Array(64).fill(value);
  for (const [start, end] of missing) bytes.fill(0, start, end);
  return { bytes, missing: missing.map(([start, end]) => ({ start, end })) };
}

describe('two dumps of one function', () => {
  it('are the same where both have bytes, or they are not', () => {
    expect(isSameDump(space(7, [0, 16]), space(7, [32, 48]))).toBe(true);
    expect(isSameDump(space(7), space(8))).toBe(false);
  });

  it('fill each other’s gaps, and lack what both lack', () => {
    expect(unitedDump(space(7, [0, 16], [32, 40]), space(7, [8, 16], [36, 64]))).toEqual(
      space(7, [8, 16], [36, 40]),
    );
  });

  it('are as long as the longer one', () => {
    const long = { bytes: new Uint8Array(256).fill(7), missing: [] };
    expect(unitedDump(space(7), long)).toEqual(long);
    expect(unitedDump(long, space(7))).toEqual(long);
  });
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { registerOffset } from '../registers/register-block.ts';
import { contextEntry } from '../tables/context-entry.ts';
import { UnitFixture } from '../testing/unit-fixture.ts';

const nic = 0x0100;

/** The specification's words read once more, slowly: BigInt, recursion, no cache. */
function naive(
  read64: (address: bigint) => bigint,
  table: bigint,
  level: number,
  iova: bigint,
  rights: bigint,
  write: boolean,
): { address: bigint } | { reason: number } {
  const index = (iova >> BigInt(3 + 9 * level)) & 511n;
  const entry = read64(table + 8n * index);
  const denied = { reason: write ? 5 : 6 };
  if (entry === 0xffff_ffff_ffff_ffffn) return { reason: 7 };
  if ((entry & 3n) === 0n) return denied;
  const superpage = level > 1 && (entry & 0x80n) !== 0n;
  if (superpage && level > 3) return { reason: 0xc };
  if ((entry & 0x800n) !== 0n) return { reason: 0xc };
  const leaf = superpage || level === 1;
  const offsetBits = BigInt(3 + 9 * level);
  const address = entry & 0xf_ffff_ffff_f000n;
  if (leaf && (address & ((1n << offsetBits) - 1n)) !== 0n) return { reason: 0xc };
  // Without leaves that can be transient bit 62 is reserved above the leaf.
  if (!leaf && (entry & (1n << 62n)) !== 0n) return { reason: 0xc };
  const allowed = rights & entry & 3n;
  if ((allowed & (write ? 2n : 1n)) === 0n) return denied;
  if (leaf) return { address: address | (iova & ((1n << offsetBits) - 1n)) };
  return naive(read64, address, level - 1, iova, allowed, write);
}

/** Four pages that serve as tables at every level, filled at random: pointers among themselves, leaves, rubbish. */
const pages = [0x80_0000, 0x80_1000, 0x80_2000, 0x80_3000];
const entryArbitrary = fc
  .record({
    flags: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(3, 3, 1, 2, 0) },
      { weight: 1, arbitrary: fc.constantFrom(0x83, 0x81, 0x803, 0x703, 0x7c) },
    ),
    target: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...pages) },
      { weight: 1, arbitrary: fc.constantFrom(0x2000_0000, 0x4000_0000, 0x20_0000, 0x5_0000_0000) },
    ),
    high: fc.oneof(
      { weight: 8, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.constantFrom(0x4000_0000, 0x8000_0000, 0x3ff0_0000) },
    ),
  })
  .map(({ flags, target, high }) => ({
    low: ((target & 0xffff_f000) | flags) >>> 0,
    high: (high | Math.floor(target / 2 ** 32)) >>> 0,
  }));

describe('second-level walk', () => {
  test('agrees with a naive walker on random tables, for every number of levels', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(3, 4, 5),
        fc.array(fc.array(entryArbitrary, { minLength: 4, maxLength: 4 }), { minLength: 4, maxLength: 4 }),
        fc.array(
          fc.record({
            indices: fc.array(fc.nat({ max: 3 }), { minLength: 5, maxLength: 5 }),
            offset: fc.nat({ max: 4095 }),
            write: fc.boolean(),
          }),
          { minLength: 1, maxLength: 12 },
        ),
        (levels, tables, requests) => {
          const fixture = new UnitFixture();
          tables.forEach((entries, page) => {
            entries.forEach(({ low, high }, index) => {
              fixture.memory.write32((pages[page] as number) + 8 * index, low, 0);
              fixture.memory.write32((pages[page] as number) + 8 * index + 4, high, 0);
            });
          });
          const root = fixture.rootTable();
          root.setContext(nic, contextEntry({ pageTable: pages[0] as number, levels, domainId: 1 }));
          fixture.setRoot(root.address);
          fixture.enable(0x8000_0000);
          const read64 = (address: bigint): bigint =>
            BigInt(fixture.memory.read32(Number(address))) |
            (BigInt(fixture.memory.read32(Number(address) + 4)) << 32n);
          for (const { indices, offset, write } of requests) {
            let iova = offset;
            // The fifth level has no bits above 52 in an address here.
            for (let level = 1; level <= Math.min(levels, 4); level++) {
              iova += (indices[level - 1] as number) * 2 ** (3 + 9 * level);
            }
            if (iova >= 0xfee0_0000 && iova < 0xfef0_0000) continue;
            // Nothing of an earlier request may decide this one.
            fixture.unit.writeWide(0x308, 0, 0x9000_0000);
            const outcome = fixture.dma(nic, iova, { write, length: 1 });
            const expected = naive(read64, BigInt(pages[0] as number), levels, BigInt(iova), 3n, write);
            if ('reason' in expected)
              expect(outcome).toMatchObject({ allowed: false, reason: expected.reason });
            else
              expect(outcome).toMatchObject({ allowed: true, address: Number(expected.address), reason: 0 });
          }
          expect(fixture.unit.readRegister32(registerOffset.GSTS)).toBe(0xc000_0000);
        },
      ),
      { numRuns: 300 },
    );
  });
});
